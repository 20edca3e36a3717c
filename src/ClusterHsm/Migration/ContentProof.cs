using System.Buffers;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>
/// Proves by its digest that a file still holds what was archived, when its ctime has moved and size and mtime have not. Done before the
/// handover, while nodes are relaxed.
/// </summary>
internal static class ContentProof
{
    private const int BufferSize = 1 << 20;

    public static bool Matches(IShardFile file, StubRecord record, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            int read;
            // No further: its size was looked at, and if it grows its ctime moves, too.
            for (long offset = 0; offset < record.Size; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                read = file.Read(buffer.AsSpan(0, (int)Math.Min(BufferSize, record.Size - offset)), offset);
                if (read == 0)
                    break;
                digest.Append(buffer.AsSpan(0, read));
            }
            return digest.Length == record.Size && digest.Finish() == record.Digest;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
