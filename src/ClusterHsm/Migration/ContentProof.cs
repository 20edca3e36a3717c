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
            for (long offset = 0; (read = file.Read(buffer, offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
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
