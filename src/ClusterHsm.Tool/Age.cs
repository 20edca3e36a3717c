using System.Globalization;

namespace ClusterHsm.Tool;

/// <summary>Ages as people type them: <c>30d</c>, <c>12h</c>, <c>90m</c>, <c>45s</c>, <c>1.5d</c>, and <c>0</c>.</summary>
internal static class Age
{
    public static bool TryParse(string? text, out TimeSpan age)
    {
        age = TimeSpan.Zero;
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        if (number is "0")
            return true;
        long unit = number.IsEmpty ? 0 : number[^1] switch
        {
            'd' => TimeSpan.TicksPerDay,
            'h' => TimeSpan.TicksPerHour,
            'm' => TimeSpan.TicksPerMinute,
            's' => TimeSpan.TicksPerSecond,
            _ => 0,
        };
        if (unit == 0 || !decimal.TryParse(number[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
            || count > long.MaxValue / unit)
            return false;
        age = new TimeSpan((long)(count * unit));
        return true;
    }
}
