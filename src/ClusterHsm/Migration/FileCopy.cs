using System.Buffers;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Copies a file's bytes into an object and takes their digest.</summary>
internal static class FileCopy
{
    private const int BufferSize = 1 << 20;

    /// <summary>Copies by two buffers: one is hashed and written while the other is filled.</summary>
    /// <param name="file">The file.</param>
    /// <param name="size">Its size when it was looked at; a file that is shorter by now is copied as far as it goes.</param>
    /// <param name="store">The store.</param>
    /// <param name="key">The object.</param>
    /// <param name="commit">Commits the object.</param>
    /// <param name="copied">Told of each piece; may be null.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind then.</param>
    public static async Task<ContentDigest> CopyAsync(
        IShardFile file, long size, ISecondaryStore store, ObjectKey key, Func<IObjectWriter, ValueTask> commit, Action<int>? copied,
        CancellationToken cancellationToken)
    {
        int bufferSize = (int)Math.Min(BufferSize, size);
        byte[] filling = ArrayPool<byte>.Shared.Rent(bufferSize), emptying = ArrayPool<byte>.Shared.Rent(bufferSize);
        Task emptied = Task.CompletedTask;
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            if (size > bufferSize)
                file.Advise(FileAdvice.Sequential);
            IObjectWriter writer = await store.CreateAsync(key, size, cancellationToken).ConfigureAwait(false);
            await using (writer.ConfigureAwait(false))
            {
                long offset = 0;
                while (offset < size)
                {
                    int read = file.Read(filling.AsSpan(0, (int)Math.Min(bufferSize, size - offset)), offset);
                    if (read == 0)
                        break; // cut short meanwhile; the second look sees it
                    offset += read;
                    await emptied.ConfigureAwait(false);
                    (filling, emptying) = (emptying, filling);
                    emptied = EmptyAsync(writer, digest, emptying.AsMemory(0, read), isLast: offset >= size, cancellationToken);
                    copied?.Invoke(read);
                }
                await emptied.ConfigureAwait(false);
                await commit(writer).ConfigureAwait(false);
            }
            return digest.Finish();
        }
        finally
        {
            await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }
    }

    private static async Task EmptyAsync(
        IObjectWriter writer, ContentDigestBuilder digest, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken)
    {
        // A thread of its own pays only where there is something to hash beside it.
        Task hashed = Task.CompletedTask;
        if (isLast && piece.Length < BufferSize)
            digest.Append(piece.Span);
        else
            hashed = Task.Run(() => digest.Append(piece.Span), CancellationToken.None);
        try
        {
            await writer.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await hashed.ConfigureAwait(false);
        }
    }
}
