using System.Buffers;
using System.Text;

namespace ClusterHsm.Testing;

/// <summary>Names as bytes and back: UTF-8, with bytes that are none carried in U+DC80 to U+DCFF (PEP 383).</summary>
internal static class FileNames
{
    /// <summary>The longest name, in bytes, on every common file system.</summary>
    public const int MaxBytes = 255;

    /// <summary>The one spelling of a name: two strings that stand for the same bytes become equal.</summary>
    /// <exception cref="ArgumentException">The name holds a surrogate that stands for no byte.</exception>
    public static string Canonical(string name)
    {
        foreach (char c in name)
            if (char.IsSurrogate(c))
                return Decode(Encode(name));
        return name;
    }

    public static int CountBytes(string name) => Encode(name).Length;

    private static byte[] Encode(string name)
    {
        var bytes = new List<byte>(name.Length * 3);
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < name.Length;)
        {
            if (Rune.DecodeFromUtf16(name.AsSpan(i), out Rune rune, out int used) == OperationStatus.Done)
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            else if (name[i] is >= '\uDC80' and <= '\uDCFF')
                bytes.Add((byte)(name[i] - '\uDC00'));
            else
                throw new ArgumentException("The name holds half a surrogate pair that stands for no byte.", nameof(name));
            i += used;
        }
        return [.. bytes];
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == OperationStatus.Done)
            {
                name.Append(rune.ToString());
            }
            else
            {
                foreach (byte b in bytes[..used])
                    name.Append((char)('\uDC00' + b));
            }
            bytes = bytes[used..];
        }
        return name.ToString();
    }
}
