namespace ClusterHsm.FileSystem.MacOS;

/// <summary>A time provider whose time stamps are mach_continuous_time: monotonic, and going on while the machine sleeps (R1).</summary>
/// <remarks>
/// "like mach_absolute_time, but advances during sleep" (osfmk/mach/mach_time.h, macOS 10.12). Its ticks are nanoseconds on Intel and
/// 125/3 of one on Apple silicon; stamps are nanoseconds. Timers do not run while the machine sleeps. Thread-safe.
/// </remarks>
internal sealed class ContinuousTimeProvider : TimeProvider
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly IDarwin _darwin;
    private readonly ulong _numerator;
    private readonly ulong _denominator;

    internal ContinuousTimeProvider(IDarwin darwin)
    {
        _darwin = darwin;
        DarwinTimeBase timeBase = darwin.TimeBase();
        (_numerator, _denominator) = (timeBase.Numerator, timeBase.Denominator);
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <summary>Nanoseconds since the machine was started, sleep included.</summary>
    public override long GetTimestamp() => (long)ToNanoseconds(_darwin.ContinuousTime());

    /// <summary>Exact, and without overflow for as long as nanoseconds fit 63 bits: the two products are of a quotient and of a remainder.</summary>
    internal ulong ToNanoseconds(ulong ticks) =>
        (ticks / _denominator * _numerator) + (ticks % _denominator * _numerator / _denominator);
}
