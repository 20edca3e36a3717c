using System.Buffers;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Reads an object back for its digest.</summary>
internal static class ObjectDigest
{
    private const int BufferSize = 1 << 20;

    /// <summary>The digest of all of its bytes.</summary>
    /// <param name="reader">The object.</param>
    /// <param name="digested">Told of each piece; may be null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async ValueTask<ContentDigest> OfAsync(IObjectReader reader, Action<int>? digested, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            int read;
            for (long offset = 0; (read = await reader.ReadAsync(buffer.AsMemory(0, BufferSize), offset, cancellationToken).ConfigureAwait(false)) > 0; offset += read)
            {
                digest.Append(buffer.AsSpan(0, read));
                digested?.Invoke(read);
            }
            return digest.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
