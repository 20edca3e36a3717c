using System.Globalization;
using System.Text;

namespace ClusterHsm.Tool.Output;

/// <summary>Text by the columns that it takes up on a terminal.</summary>
internal static class Columns
{
    /// <summary>Stands for what was cut off.</summary>
    private const char Cut = '~';

    public static int WidthOf(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += WidthOf(rune);
        return width;
    }

    /// <summary>The text in no more than so many columns; a longer one loses its end.</summary>
    public static string Fit(string text, int width)
    {
        if (width <= 0)
            return "";
        if (WidthOf(text) <= width)
            return text;
        var kept = new StringBuilder(width);
        int left = width - 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            left -= WidthOf(rune);
            if (left < 0)
                break;
            kept.Append(rune.ToString());
        }
        return kept.Append(Cut).ToString();
    }

    /// <summary>The same, but a longer one loses its beginning: the end of a path says most.</summary>
    public static string FitEnd(string text, int width)
    {
        if (WidthOf(text) <= width)
            return text;
        Rune[] runes = [.. text.EnumerateRunes()];
        int from = runes.Length, left = width - 1;
        while (from > 0 && (left -= WidthOf(runes[from - 1])) >= 0)
            from--;
        return width > 0 ? Cut + string.Concat(runes[from..]) : "";
    }

    /// <summary>Exactly so many columns: cut, or filled with spaces on the right or on the left.</summary>
    public static string Pad(string text, int width, bool toTheRight = false)
    {
        string fitting = Fit(text, width);
        string fill = new(' ', Math.Max(0, width - WidthOf(fitting)));
        return toTheRight ? fill + fitting : fitting + fill;
    }

    /// <summary>By the blocks of Unicode that terminals agree on (Standard Annex #11); good enough for names of computers and files.</summary>
    private static int WidthOf(Rune rune)
    {
        if (rune.Value < 0x300)
            return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;
        return rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF)
            or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1;
    }
}
