using System.Globalization;

namespace ClusterHsm.Tool;

/// <summary>Sizes as people type them: <c>4096</c>, <c>64K</c>, <c>1.5G</c>; units of 1024.</summary>
internal static class ByteSize
{
    private const string Units = "KMGTPE";

    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        int unit = number.IsEmpty ? -1 : Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal);
        if (unit >= 0)
            number = number[..^1];
        long factor = 1L << (10 * (unit + 1));
        // Divided, because the product may be more than a decimal holds.
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || value > (decimal)long.MaxValue / factor)
            return false;
        bytes = (long)(value * factor);
        return true;
    }
}
