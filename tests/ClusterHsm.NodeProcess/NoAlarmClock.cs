namespace ClusterHsm.NodeProcess;

/// <summary>
/// The shard's clock without the alarm that tells a monitor of the end of its lease. The alarm goes off soon after SIGCONT, and would
/// hide whether a reader looks at the clock itself, as R1 wants.
/// </summary>
/// <remarks>Timers that are made to be set later never fire; timers with a due time (the pauses between attempts) do.</remarks>
internal sealed class NoAlarmClock(TimeProvider clock) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime == Timeout.InfiniteTimeSpan ? new Silent() : clock.CreateTimer(callback, state, dueTime, period);

    private sealed class Silent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
