namespace ClusterHsm.FileSystem.Windows;

/// <summary>File times of Windows: 100 ns since 1601-01-01 UTC. 0 and below mean something else when they are set.</summary>
internal static class WindowsTime
{
    private const long SecondsTo1970 = 11_644_473_600;
    private const int NanosecondsPerTick = 100;

    internal static ShardTimestamp ToShardTimestamp(long ticks)
    {
        (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return rest < 0
            ? new ShardTimestamp(seconds - 1 - SecondsTo1970, (int)(rest + TimeSpan.TicksPerSecond) * NanosecondsPerTick)
            : new ShardTimestamp(seconds - SecondsTo1970, (int)rest * NanosecondsPerTick);
    }

    /// <summary>Cut to 100 ns.</summary>
    /// <returns>False if Windows has no such time.</returns>
    internal static bool TryFrom(ShardTimestamp time, out long ticks)
    {
        Int128 exact = ((Int128)time.Seconds + SecondsTo1970) * TimeSpan.TicksPerSecond + time.Nanoseconds / NanosecondsPerTick;
        ticks = exact > 0 && exact <= long.MaxValue ? (long)exact : 0;
        return ticks != 0;
    }
}
