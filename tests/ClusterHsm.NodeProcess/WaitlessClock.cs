namespace ClusterHsm.NodeProcess;

/// <summary>
/// A clock by which waiting takes no time: whoever waits goes on at once, and finds that his time has passed. Only for a process that has
/// the shard to itself.
/// </summary>
/// <remarks>Timers that are made to be set later never fire.</remarks>
internal sealed class WaitlessClock(TimeProvider clock) : TimeProvider
{
    private long _skipped;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp() + Interlocked.Read(ref _skipped);

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Interlocked.Add(ref _skipped, (long)Math.Ceiling(dueTime.TotalSeconds * TimestampFrequency));
            ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
        }
        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
