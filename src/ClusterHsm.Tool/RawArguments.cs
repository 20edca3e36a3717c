using System.Text;

namespace ClusterHsm.Tool;

/// <summary>Arguments whose bytes are not UTF-8: .NET gives a replacement character for each, and a file name is lost.</summary>
internal static class RawArguments
{
    private const string CommandLineFile = "/proc/self/cmdline";

    /// <summary>
    /// The arguments, each byte that is no UTF-8 as the lone surrogate U+DC00 plus the byte (PEP 383), which is how the library writes
    /// file names.
    /// </summary>
    public static string[] Of(string[] args)
    {
        if (!OperatingSystem.IsLinux() || !args.Any(static arg => arg.Contains('\uFFFD', StringComparison.Ordinal)))
            return args;
        byte[] all = File.ReadAllBytes(CommandLineFile);
        List<string> words = [];
        for (int start = 0, end; start < all.Length && (end = Array.IndexOf(all, (byte)0, start)) >= 0; start = end + 1)
            words.Add(Decode(all.AsSpan(start..end)));
        // The program's name, and with a host its arguments too, come first.
        return words.Count < args.Length ? args : [.. words[^args.Length..]];
    }

    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[length..];
            }
            else
            {
                text.Append((char)(0xDC00 + bytes[0]));
                bytes = bytes[1..];
            }
        }
        return text.ToString();
    }
}
