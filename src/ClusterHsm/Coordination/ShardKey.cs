using System.Security.Cryptography;
using System.Text;

namespace ClusterHsm.Coordination;

/// <summary>A shard's key: 256 random bits that vouch for what is written with it. Immutable.</summary>
internal sealed class ShardKey
{
    /// <summary>Length in bytes: that of the hash, below which RFC 2104 (section 3) advises against.</summary>
    public const int Length = HMACSHA256.HashSizeInBytes;

    /// <summary>Length of the text form in bytes, its line feed included.</summary>
    public const int TextLength = (2 * Length) + 1;

    private readonly byte[] _bytes;

    private ShardKey(byte[] bytes)
    {
        _bytes = bytes;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(bytes, "clusterhsm key id"u8, mac);
        Id = new Guid(mac[..16], bigEndian: true);
    }

    /// <summary>Tells one key from another and says nothing of its bytes.</summary>
    public Guid Id { get; }

    /// <summary>What is hashed and compared with.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A key never used before.</summary>
    public static ShardKey New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>64 lower-case hexadecimal digits and a line feed: what the key's file holds.</summary>
    public byte[] ToText() => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(_bytes) + "\n");

    /// <summary>Reads what <see cref="ToText"/> writes; null if it is anything else.</summary>
    public static ShardKey? Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length != TextLength || text[^1] != '\n' || text[..^1].ContainsAnyExcept("0123456789abcdef"u8))
            return null;
        return new ShardKey(Convert.FromHexString(Encoding.ASCII.GetString(text[..^1])));
    }

    /// <summary>Nothing of the key: it must not get into a message by accident.</summary>
    public override string ToString() => $"key {Id:N}";
}
