using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>The clock of a process: readings of its node's clock, and timers that fire when the scheduler lets them.</summary>
internal sealed class SimulatedClock(ManualTimeProvider clock, Scheduler scheduler, World world, Random random) : TimeProvider
{
    private const int LongestBackoff = 70;

    private readonly List<Alarm> _alarms = [];

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    /// <summary>
    /// A timer that is set at once is an actor's sleep. One that is made to be set later is an alarm, which does no more than its own code.
    /// </summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            var alarm = new Alarm(this, () => callback(state));
            _alarms.Add(alarm);
            return alarm;
        }
        // Short pauses come from a source without a seed: the simulation sets its own in their place.
        if (dueTime < TimeSpan.FromMilliseconds(LongestBackoff))
            dueTime = TimeSpan.FromMilliseconds(random.Next(1, LongestBackoff));
        scheduler.Sleep((long)Math.Ceiling(dueTime.Ticks / clock.Rate), () => callback(state));
        return new Nothing();
    }

    /// <summary>Fires alarms that are due.</summary>
    public void FireAlarms()
    {
        for (int i = _alarms.Count - 1; i >= 0; i--)
        {
            if (_alarms[i].Due > clock.GetTimestamp())
                continue;
            _alarms[i].Due = long.MaxValue;
            _alarms[i].Fire();
        }
    }

    private long NextLateness() => world.HasLateTimers ? random.Next(2) * random.NextInt64(15 * TimeSpan.TicksPerSecond) : 0;

    private sealed class Alarm(SimulatedClock owner, Action fire) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : owner.GetTimestamp() + dueTime.Ticks + owner.NextLateness();
            return true;
        }

        public void Dispose() => owner._alarms.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Nothing : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
