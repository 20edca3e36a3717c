namespace ClusterHsm.FileSystem.Windows;

/// <summary>A time provider whose time stamps are the interrupt time: monotonic, and going on while the machine sleeps (R1).</summary>
/// <remarks>
/// QueryInterruptTimePrecise (realtimeapiset.h, Windows 10): 100 ns since the system was started. Its documentation sets it apart from
/// QueryUnbiasedInterruptTimePrecise, which "does not include time the system spends in sleep or hibernation". Stopwatch's
/// QueryPerformanceCounter promises nothing about hibernation. Timers do not run while the machine sleeps. Thread-safe.
/// </remarks>
internal sealed class InterruptTimeProvider : TimeProvider
{
    private InterruptTimeProvider()
    {
    }

    /// <summary>The one instance.</summary>
    public static InterruptTimeProvider Instance { get; } = new();

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>100 ns since the machine was started, sleep included.</summary>
    public override unsafe long GetTimestamp()
    {
        ulong time;
        WindowsNative.QueryInterruptTimePrecise(&time);
        return (long)time;
    }
}
