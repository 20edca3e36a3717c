namespace ClusterHsm.FileSystem.Linux;

/// <summary>A time provider whose time stamps are CLOCK_BOOTTIME: monotonic, and going on while the machine is suspended (R1).</summary>
/// <remarks>
/// Stamps are nanoseconds since boot. Only <see cref="GetTimestamp"/> and what is built on it differ from
/// <see cref="TimeProvider.System"/>; timers do not run while the machine is suspended. Thread-safe.
/// </remarks>
internal sealed class BootTimeProvider : TimeProvider
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private BootTimeProvider()
    {
    }

    /// <summary>The one instance.</summary>
    public static BootTimeProvider Instance { get; } = new();

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <summary>Nanoseconds since the machine was started, suspension included.</summary>
    public override unsafe long GetTimestamp()
    {
        TimeSpec time;
        return LinuxNative.ClockGetTime(LinuxConstants.BootTimeClock, &time) == 0
            ? time.Seconds * NanosecondsPerSecond + time.Nanoseconds
            : throw new PlatformNotSupportedException("This kernel has no CLOCK_BOOTTIME, by which leases are counted.");
    }
}
