using System.Buffers;
using System.Text.Unicode;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// Names as bytes and as text: UTF-8, and for each byte that is not part of any, the lone surrogate U+DC00 plus the byte
/// (<c>surrogateescape</c>, PEP 383). Every byte sequence survives the way to text and back.
/// </summary>
/// <remarks>
/// An escape can never be mistaken for half of a pair: decoding makes a high surrogate only together with its low one, so that none
/// stands alone before an escape.
/// </remarks>
internal static class FileNameCoding
{
    private const char FirstEscape = '\uDC80';
    private const char LastEscape = '\uDCFF';
    private const int EscapeBase = 0xDC00;

    /// <summary>Room that <see cref="Encode"/> may need for a text of this length, its closing NUL included.</summary>
    internal static int MaxByteCount(int length) => checked(length * 3 + 1);

    /// <summary>Text to bytes, closed by a NUL.</summary>
    /// <returns>The number of bytes before the NUL.</returns>
    /// <exception cref="ArgumentException">The text holds a NUL, or a lone surrogate that stands for no byte.</exception>
    internal static int Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("A name cannot hold the character NUL (U+0000).");
        int written = 0;
        while (true)
        {
            OperationStatus status = Utf8.FromUtf16(text, destination[written..], out int read, out int made,
                replaceInvalidSequences: false, isFinalBlock: true);
            written += made;
            text = text[read..];
            if (status == OperationStatus.Done)
                break;
            if (status != OperationStatus.InvalidData || text[0] is < FirstEscape or > LastEscape)
                throw new ArgumentException($"A name holds U+{(int)text[0]:X4}, half of a surrogate pair, which stands for no byte.");
            destination[written++] = (byte)(text[0] - EscapeBase);
            text = text[1..];
        }
        destination[written] = 0;
        return written;
    }

    /// <summary>Bytes to text.</summary>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        char[]? rented = bytes.Length > 512 ? ArrayPool<char>.Shared.Rent(bytes.Length) : null;
        Span<char> text = rented ?? stackalloc char[bytes.Length];
        int written = 0;
        while (true)
        {
            OperationStatus status = Utf8.ToUtf16(bytes, text[written..], out int read, out int made,
                replaceInvalidSequences: false, isFinalBlock: true);
            written += made;
            bytes = bytes[read..];
            if (status == OperationStatus.Done)
                break;
            text[written++] = (char)(EscapeBase + bytes[0]);
            bytes = bytes[1..];
        }
        string result = new(text[..written]);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return result;
    }
}
