namespace ClusterHsm.Coordination;

/// <summary>
/// Growing, jittered pauses between attempts. Nothing waits in the kernel for a lock: such a wait cannot be cancelled, and readers that
/// overlap starve it.
/// </summary>
internal sealed class Backoff(TimeProvider clock, Random random, TimeSpan first, TimeSpan most)
{
    private double _next = first.Ticks;

    /// <summary>The next pause, between half and all of a value that doubles up to the greatest.</summary>
    public TimeSpan Next()
    {
        double pause = _next;
        _next = Math.Min(_next * 2, most.Ticks);
        double share;
        lock (random)
            share = random.NextDouble();
        return new TimeSpan(Math.Max(1, (long)(pause * (0.5 + share / 2))));
    }

    /// <summary>Pauses, at most until <paramref name="deadline"/> (a timestamp of the clock; <see cref="long.MaxValue"/> for none).</summary>
    /// <returns>False, at once, if the deadline has passed.</returns>
    public async ValueTask<bool> PauseAsync(long deadline, CancellationToken cancellationToken)
    {
        if (!TryCut(Next(), deadline, out TimeSpan pause))
            return false;
        await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The same on the calling thread.</summary>
    public bool Pause(long deadline, CancellationToken cancellationToken)
    {
        if (!TryCut(Next(), deadline, out TimeSpan pause))
            return false;
        using var over = new ManualResetEventSlim();
        using ITimer timer = clock.CreateTimer(static over => ((ManualResetEventSlim)over!).Set(), over, pause, Timeout.InfiniteTimeSpan);
        over.Wait(cancellationToken);
        return true;
    }

    private bool TryCut(TimeSpan wanted, long deadline, out TimeSpan pause)
    {
        long ticks = clock.TicksUp(wanted);
        long left = deadline == long.MaxValue ? long.MaxValue : deadline - clock.GetTimestamp();
        pause = clock.TimerDuration(Math.Min(ticks, Math.Max(0, left)));
        return left > 0;
    }
}
