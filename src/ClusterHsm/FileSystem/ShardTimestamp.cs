using System.Globalization;

namespace ClusterHsm.FileSystem;

/// <summary>A file time as the file system keeps it: whole seconds since 1970 UTC (may be negative) and nanoseconds, no leap seconds.</summary>
/// <param name="Seconds">Whole seconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
public readonly record struct ShardTimestamp(long Seconds, int Nanoseconds) : IComparable<ShardTimestamp>
{
    private const long MinUnixSeconds = -62_135_596_800;
    private const long MaxUnixSeconds = 253_402_300_799;

    /// <summary>This time less another, saturating.</summary>
    public TimeSpan Since(ShardTimestamp earlier)
    {
        Int128 ticks = ((Int128)Seconds - earlier.Seconds) * TimeSpan.TicksPerSecond + (Nanoseconds - earlier.Nanoseconds) / 100;
        return ticks > long.MaxValue ? TimeSpan.MaxValue : ticks < long.MinValue ? TimeSpan.MinValue : new TimeSpan((long)ticks);
    }

    /// <summary>The same instant, cut to 100 ns; years beyond 1 to 9999 are clamped.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, MinUnixSeconds, MaxUnixSeconds)).AddTicks(Nanoseconds / 100);

    /// <summary>From an instant.</summary>
    public static ShardTimestamp FromDateTimeOffset(DateTimeOffset instant)
    {
        long seconds = instant.ToUnixTimeSeconds();
        long ticks = (instant - DateTimeOffset.FromUnixTimeSeconds(seconds)).Ticks;
        return new ShardTimestamp(seconds, (int)(ticks * 100));
    }

    /// <inheritdoc/>
    public int CompareTo(ShardTimestamp other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(ShardTimestamp left, ShardTimestamp right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(ShardTimestamp left, ShardTimestamp right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is not later.</summary>
    public static bool operator <=(ShardTimestamp left, ShardTimestamp right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is not earlier.</summary>
    public static bool operator >=(ShardTimestamp left, ShardTimestamp right) => left.CompareTo(right) >= 0;

    /// <summary><c>seconds.nanoseconds</c>, nine digits after the point: what a record holds.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seconds}.{Nanoseconds:D9}");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ShardTimestamp timestamp)
    {
        timestamp = default;
        int point = text.IndexOf('.');
        if (point < 1 || text.Length - point - 1 != 9
            || !long.TryParse(text[..point], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds)
            || !int.TryParse(text[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int nanoseconds))
            return false;
        timestamp = new ShardTimestamp(seconds, nanoseconds);
        return true;
    }
}
