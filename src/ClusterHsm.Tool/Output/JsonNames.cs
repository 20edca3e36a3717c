using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ClusterHsm.Tool.Output;

/// <summary>Writes text that may hold lone surrogates, which stand for the bytes of names that are not UTF-8.</summary>
internal static class JsonNames
{
    /// <summary>
    /// A lone surrogate is written as its escape (<c>\udc80</c> to <c>\udcff</c>), which JSON's grammar allows (RFC 8259, 8.2) and
    /// <see cref="Utf8JsonWriter"/> on its own does not write; Python's <c>os.fsencode</c> makes the bytes of it again.
    /// </summary>
    public static void WriteName(this Utf8JsonWriter json, string member, string? text)
    {
        if (text is null || IsWellFormed(text))
        {
            json.WriteString(member, text);
            return;
        }
        var raw = new StringBuilder("\"", text.Length * 2);
        foreach (char c in text)
        {
            if (c is >= ' ' and <= '~' and not '"' and not '\\')
                raw.Append(c);
            else
                raw.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        json.WritePropertyName(member);
        json.WriteRawValue(raw.Append('"').ToString(), skipInputValidation: true);
    }

    private static bool IsWellFormed(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A lone surrogate comes out as the replacement character; one that was in the text is taken for it, which does no harm.
            if (rune == Rune.ReplacementChar)
                return false;
        }
        return true;
    }
}
