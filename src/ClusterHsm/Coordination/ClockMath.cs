namespace ClusterHsm.Coordination;

/// <summary>Durations in a clock's own ticks, in whole numbers, so that no rounding can lengthen a lease or shorten a wait.</summary>
internal static class ClockMath
{
    /// <summary>The duration in ticks of the clock, rounded down: for leases.</summary>
    public static long TicksDown(this TimeProvider clock, TimeSpan duration) =>
        (long)((Int128)duration.Ticks * clock.TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>The duration in ticks of the clock, rounded up: for waits.</summary>
    public static long TicksUp(this TimeProvider clock, TimeSpan duration) =>
        (long)(((Int128)duration.Ticks * clock.TimestampFrequency + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);

    /// <summary>Ticks of the clock as a duration, rounded up, so that a timer set by it is not early.</summary>
    public static TimeSpan Duration(this TimeProvider clock, long ticks) =>
        new((long)(((Int128)ticks * TimeSpan.TicksPerSecond + clock.TimestampFrequency - 1) / clock.TimestampFrequency));

    /// <summary>
    /// A due time for a timer, not before that many ticks: timers of the platform count whole milliseconds and cut the rest off, so that
    /// what is cut would be spent spinning.
    /// </summary>
    public static TimeSpan TimerDuration(this TimeProvider clock, long ticks) =>
        TimeSpan.FromMilliseconds(Math.Max(1, (clock.Duration(ticks).Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond));
}
