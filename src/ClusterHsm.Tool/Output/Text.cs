using System.Globalization;
using System.Text;

namespace ClusterHsm.Tool.Output;

/// <summary>Names and numbers as people read them.</summary>
internal static class Text
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private static readonly string[] Thousands = ["", "k", "M", "G", "T", "P"];

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

    /// <summary>A number with its thousands apart.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number in five columns or less, so that it fits into a table.</summary>
    public static string Short(double count)
    {
        if (count < 10)
            return count.ToString("0.#", CultureInfo.InvariantCulture);
        int unit = 0;
        while (count >= 9999.5 && unit < Thousands.Length - 1)
        {
            count /= 1000;
            unit++;
        }
        return count.ToString("0", CultureInfo.InvariantCulture) + Thousands[unit];
    }

    /// <summary>A time in its two largest units.</summary>
    public static string Duration(TimeSpan time)
    {
        long seconds = (long)Math.Ceiling(Math.Max(0, time.TotalSeconds));
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} min {seconds % 60:00} s",
            < 86400 => $"{seconds / 3600} h {seconds / 60 % 60:00} min",
            _ => $"{seconds / 86400} d {seconds / 3600 % 24:00} h",
        };
    }
}
