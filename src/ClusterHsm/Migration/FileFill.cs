using System.Buffers;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Writes an object's bytes into a file and takes their digest.</summary>
internal static class FileFill
{
    /// <summary>In bytes. A smaller file takes a buffer of its own size.</summary>
    public const int BufferSize = 1 << 20;

    /// <summary>Copies by two buffers: one is hashed and written while the other is filled.</summary>
    /// <param name="file">The file.</param>
    /// <param name="reader">The object.</param>
    /// <param name="requireLock">Throws if the file's lock may be lost.</param>
    /// <param name="putTimesBack">Gives the file the times that it had, between one piece and the next.</param>
    /// <param name="filled">Told of each piece; may be null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ContentDigest> FillAsync(
        IShardFile file, IObjectReader reader, Action requireLock, Action putTimesBack, Action<int>? filled,
        CancellationToken cancellationToken)
    {
        int bufferSize = (int)Math.Min(BufferSize, reader.Length);
        byte[] filling = ArrayPool<byte>.Shared.Rent(bufferSize), emptying = ArrayPool<byte>.Shared.Rent(bufferSize);
        Task emptied = Task.CompletedTask;
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            int read;
            for (long offset = 0; (read = await reader.ReadAsync(filling.AsMemory(0, bufferSize), offset, cancellationToken).ConfigureAwait(false)) > 0; offset += read)
            {
                await emptied.ConfigureAwait(false);
                filled?.Invoke(read);
                (filling, emptying) = (emptying, filling);
                (byte[] piece, int length, long at) = (emptying, read, offset);
                // Threads of their own pay only for a whole buffer.
                if (length < BufferSize)
                {
                    digest.Append(piece.AsSpan(0, length));
                    Write(piece, length, at);
                }
                else
                {
                    emptied = Task.WhenAll(
                        Task.Run(() => digest.Append(piece.AsSpan(0, length)), CancellationToken.None),
                        Task.Run(() => Write(piece, length, at), CancellationToken.None));
                }
            }
            await emptied.ConfigureAwait(false);
            return digest.Finish();
        }
        finally
        {
            await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }

        void Write(byte[] piece, int length, long at)
        {
            requireLock();
            // A recall may take hours, and nobody is to take the file for changed; after the last piece its owner does it.
            if (SparseWriting.Write(file, piece.AsSpan(0, length), at) && at + length < reader.Length)
                putTimesBack();
        }
    }
}
