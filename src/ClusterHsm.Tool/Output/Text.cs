using System.Globalization;
using System.Text;

namespace ClusterHsm.Tool.Output;

/// <summary>Names and numbers as people read them.</summary>
internal static class Text
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>
    /// The text on one line: control characters, and the lone surrogates that stand for bytes of a name that is not UTF-8, become
    /// <c>\xNN</c>, so that no file name can forge a line or steer a terminal.
    /// </summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                line.Append(c).Append(text[++i]);
            else if (char.IsControl(c) || char.IsSurrogate(c))
                line.Append(CultureInfo.InvariantCulture, $"\\x{c & 0xFF:x2}");
            else
                line.Append(c);
        }
        return line.ToString();
    }

    /// <summary>A number of bytes, in units of 1024.</summary>
    public static string Bytes(long count)
    {
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{count} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}");
    }
}
