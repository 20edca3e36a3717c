using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ClusterHsm.Stubs;

/// <summary>A SHA-256 digest (FIPS 180-4), written <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
/// <remarks>A value of 32 bytes without a heap object. The default value is 32 zero bytes, which is the digest of nothing known.</remarks>
public readonly record struct ContentDigest
{
    /// <summary>Length of a digest in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Length of the text form in characters.</summary>
    public const int TextLength = 7 + (2 * Length);

    private const string Prefix = "sha256:";

    private readonly ulong _first, _second, _third, _fourth;

    /// <summary>From the 32 bytes.</summary>
    /// <param name="sha256">Exactly <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public ContentDigest(ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != Length)
            throw new ArgumentException($"A SHA-256 digest has {Length} bytes, not {sha256.Length}.", nameof(sha256));
        _first = BinaryPrimitives.ReadUInt64BigEndian(sha256);
        _second = BinaryPrimitives.ReadUInt64BigEndian(sha256[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(sha256[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(sha256[24..]);
    }

    /// <summary>The digest of some bytes.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(content, hash);
        return new ContentDigest(hash);
    }

    /// <summary>Begins the digest of bytes that come in pieces.</summary>
    internal static ContentDigestBuilder Start() => new();

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Length, nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <summary><c>sha256:</c> and 64 lower-case hexadecimal digits: what a record holds.</summary>
    public override string ToString() => $"{Prefix}{_first:x16}{_second:x16}{_third:x16}{_fourth:x16}";

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else: upper-case digits are refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ContentDigest digest)
    {
        digest = default;
        if (text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> digits = text[Prefix.Length..];
        if (digits.ContainsAnyExcept("0123456789abcdef"))
            return false;
        Span<byte> bytes = stackalloc byte[Length];
        Convert.FromHexString(digits, bytes, out _, out _);
        digest = new ContentDigest(bytes);
        return true;
    }
}
