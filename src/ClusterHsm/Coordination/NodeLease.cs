using ClusterHsm.Caching;

namespace ClusterHsm.Coordination;

/// <summary>Until when relaxed work is allowed, and in which epoch (R1, R2, R5).</summary>
/// <remarks><see cref="Covers"/> is lock-free. The members that change the lease must be called by one thread at a time.</remarks>
internal sealed class NodeLease(TimeProvider clock, InodeCache cache, TimeSpan duration)
{
    private const long None = long.MinValue;
    private const long Forever = long.MaxValue / 4;

    private readonly long _duration = clock.TicksDown(duration);
    private long _end = None;

    /// <summary>Whether there is a lease that has not been ended. It may have run out.</summary>
    public bool Exists => Volatile.Read(ref _end) != None;

    /// <summary>The timestamp at which it runs out or has run out; meaningful while <see cref="Exists"/>.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Whether the lease runs at this moment and the epoch is the present one.</summary>
    /// <remarks>
    /// <para>The caller's data must have been read before the answer is looked up (R6): the barrier keeps its loads before ours.</para>
    /// <para>The end of the lease is read before the epoch. The other way round, a node that wakes up after a missed migration could
    /// pair the old epoch, read just before the monitor clears the cache, with the end of the new lease, read just after it was
    /// published, and pass stale data. In this order the end that was read vouches for every instant up to the clock reading, in the
    /// epoch that was present when that end was published; <see cref="Renew"/> publishes the end after the new epoch, the load of the
    /// end acquires, so whoever reads the new end reads the new epoch too.</para>
    /// </remarks>
    public bool Covers(long epoch)
    {
        Volatile.ReadBarrier();
        long end = Volatile.Read(ref _end);
        return clock.GetTimestamp() < end && cache.Epoch == epoch;
    }

    /// <summary>A grant arrived. Publishes the new end.</summary>
    /// <param name="askedAt">The clock reading taken before the request was sent (R1).</param>
    public LeaseRenewal Renew(long askedAt)
    {
        // After the grant, not before it: a pause between reading and grant would go unnoticed (R2).
        long now = clock.GetTimestamp();
        long end = Rules.R1 ? askedAt + _duration : Forever;
        if (end <= now)
            return LeaseRenewal.TooLate;
        bool continuous = now < _end || !Rules.R2;
        // Without continuity the cache is void. That includes what strict reads have put into it since the last lease: no lease
        // has guarded those entries.
        if (!continuous)
            cache.Clear();
        Volatile.Write(ref _end, end);
        return continuous ? LeaseRenewal.Continued : LeaseRenewal.Begun;
    }

    /// <summary>Ends the lease, then the epoch, in this order (R3): nothing begun under it counts any more.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Terminate()
    {
        if (!Exists)
            return false;
        Volatile.Write(ref _end, None);
        cache.Clear();
        return true;
    }

    /// <summary>Ends the lease if it has run out.</summary>
    public bool TerminateIfRunOut() => Exists && clock.GetTimestamp() >= _end && Terminate();
}

/// <summary>What came of a grant.</summary>
internal enum LeaseRenewal
{
    /// <summary>The grant came so late that its lease is over already.</summary>
    TooLate,

    /// <summary>A new lease without connection to an earlier one; the cache is empty.</summary>
    Begun,

    /// <summary>The lease before still ran: the cache stays.</summary>
    Continued,
}
