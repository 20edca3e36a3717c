using System.Security.Cryptography;

namespace ClusterHsm.Stubs;

/// <summary>Computes a <see cref="ContentDigest"/> of bytes that come in pieces. Not thread-safe.</summary>
internal sealed class ContentDigestBuilder : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal ContentDigestBuilder()
    {
    }

    /// <summary>How many bytes were appended since the start or the last <see cref="Finish"/>.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next piece.</summary>
    /// <exception cref="ObjectDisposedException">The builder has been disposed.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        _hash.AppendData(piece);
        Length += piece.Length;
    }

    /// <summary>The digest of all pieces so far; the builder then starts anew.</summary>
    /// <exception cref="ObjectDisposedException">The builder has been disposed.</exception>
    public ContentDigest Finish()
    {
        Span<byte> hash = stackalloc byte[ContentDigest.Length];
        _hash.GetHashAndReset(hash);
        Length = 0;
        return new ContentDigest(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
