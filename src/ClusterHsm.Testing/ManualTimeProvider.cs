namespace ClusterHsm.Testing;

/// <summary>A clock that stands still until it is moved by hand. Its timers fire on the thread that moves it.</summary>
/// <remarks>
/// <para>Thread-safe. Timers fire in the order in which they are due, those due at one instant in the order in which they were set, and
/// each sees the clock at the instant it was due. A timer that a callback sets inside the span that is being passed fires too.</para>
/// <para>Like the clock that leases are counted by, it goes on while its node is paused: a pause is a time in which nobody calls.</para>
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private long _elapsed;
    private double _fraction;
    private long _sequence;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a clock that stands at 2026-01-01T00:00:00Z.</summary>
    public ManualTimeProvider() : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { }

    /// <summary>Makes a clock that stands at an instant.</summary>
    /// <param name="start">What <see cref="GetUtcNow"/> says until the clock is moved.</param>
    /// <param name="rate">How much faster than the time that is passed to it by its cluster it runs: 1 is right, 1.01 gains 1 %.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not above 0.</exception>
    public ManualTimeProvider(DateTimeOffset start, double rate = 1)
    {
        if (!(rate > 0) || double.IsInfinity(rate))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A clock's rate is above 0.");
        _start = start.ToUniversalTime();
        Rate = rate;
    }

    /// <summary>
    /// How fast it runs under <see cref="InMemoryCluster.Advance"/>: 1 is right. <see cref="Advance"/> on the clock itself is not scaled.
    /// </summary>
    public double Rate { get; }

    /// <summary>How far it has been moved.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _elapsed));

    /// <summary>Timers that are set and will fire when the clock is moved far enough.</summary>
    public int TimerCount
    {
        get { lock (_gate) return _timers.Count; }
    }

    /// <summary>How far the clock must be moved for the next timer to fire, or null if none is set.</summary>
    public TimeSpan? NextTimerIn
    {
        get
        {
            lock (_gate)
                return Earliest(long.MaxValue) is { } timer ? TimeSpan.FromTicks(Math.Max(0, timer.Due - _elapsed)) : null;
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _elapsed);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <summary>Moves the clock on and fires what falls due, on this thread, before it returns.</summary>
    /// <param name="span">How far. A call made while another is under way counts from the point that one has reached.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative.</exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        long target;
        lock (_gate)
            target = checked(_elapsed + span.Ticks);
        while (FireNext(target)) { }
    }

    /// <summary>Completes when at least <paramref name="count"/> timers are set: when the code under test has gone to sleep.</summary>
    public async Task WaitForTimersAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_timers.Count >= count)
                    return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ticks of cluster time until the next timer is due on this clock, or null.</summary>
    internal long? ClusterTicksToNextTimer()
    {
        lock (_gate)
        {
            if (Earliest(long.MaxValue) is not { } timer)
                return null;
            double own = timer.Due - _elapsed - _fraction;
            return own <= 0 ? 0 : (long)Math.Min(Math.Ceiling(own / Rate), long.MaxValue / 2);
        }
    }

    /// <summary>Moves the clock by a span of cluster time, times its rate. The part of a tick left over is kept for the next call.</summary>
    internal void AdvanceClusterTicks(long ticks)
    {
        long whole;
        if (Rate == 1)
        {
            whole = ticks;
        }
        else
        {
            lock (_gate)
            {
                double exact = ticks * Rate + _fraction;
                whole = (long)Math.Floor(exact);
                _fraction = exact - whole;
            }
        }
        Advance(TimeSpan.FromTicks(whole));
    }

    private bool FireNext(long target)
    {
        ManualTimer? timer;
        lock (_gate)
        {
            timer = Earliest(target);
            Volatile.Write(ref _elapsed, Math.Max(_elapsed, timer?.Due ?? target));
            if (timer is null)
                return false;
            if (timer.Period > 0)
                Schedule(timer, timer.Due + timer.Period);
            else
                _timers.Remove(timer);
        }
        timer.Fire();
        return true;
    }

    private ManualTimer? Earliest(long until)
    {
        ManualTimer? earliest = null;
        foreach (ManualTimer timer in _timers)
            if (timer.Due <= until && (earliest is null || (timer.Due, timer.Order).CompareTo((earliest.Due, earliest.Order)) < 0))
                earliest = timer;
        return earliest;
    }

    private void Schedule(ManualTimer timer, long due)
    {
        timer.Due = due;
        timer.Order = _sequence++;
    }

    private bool Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        TaskCompletionSource? changed = null;
        lock (_gate)
        {
            if (timer.IsDisposed)
                return false;
            _timers.Remove(timer);
            timer.Period = period > TimeSpan.Zero ? period.Ticks : 0;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Schedule(timer, _elapsed + Math.Max(0, dueTime.Ticks));
                _timers.Add(timer);
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        changed?.SetResult();
        // A timer that is due at once does not wait for the clock to be moved, as with the system's.
        if (changed is not null && dueTime <= TimeSpan.Zero)
            ThreadPool.UnsafeQueueUserWorkItem(static clock => clock.Advance(TimeSpan.Zero), this, preferLocal: false);
        return true;
    }

    private void Drop(ManualTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; }

        public long Order { get; set; }

        public long Period { get; set; }

        public bool IsDisposed { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Set(this, dueTime, period);

        public void Fire() => callback(state);

        public void Dispose() => clock.Drop(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
