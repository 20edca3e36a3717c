namespace ClusterHsm.Torture;

/// <summary>A clock that goes more slowly than everyone else's, by far more than the drift margin; its alarms come in time.</summary>
internal sealed class SlowClock(TimeProvider clock, double rate) : TimeProvider
{
    private readonly long _begin = clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => _begin + (long)((clock.GetTimestamp() - _begin) * rate);

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
