using ClusterHsm.Coordination;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>A migrator as <c>Handover</c> has it: its attempts, its pauses, and what it asks the server again while it waits.</summary>
internal sealed class SimulatedMigrator(VirtualTime time, LockServer server, SignalSetting setting)
{
    private readonly long _trip = setting.RoundTrip.Ticks;
    private readonly long _halfLease = setting.Lease.Ticks / 2;

    private long _confirmedAt;
    private long _heldSince;

    /// <summary>When the last handover had the signal, and when it was done; null while it is under way or after it was given up.</summary>
    public (long Signal, long Whole)? Done { get; private set; }

    public bool IsOver { get; private set; }

    /// <summary>One handover, at the end of which everything is given back.</summary>
    public IEnumerable<long> HandOver()
    {
        (Done, IsOver) = (null, false);
        long begunAt = time.Now;
        yield return 2 * _trip; // both names

        Backoff backoff = NewBackoff();
        long deadline = begunAt + setting.Handover.SignalTimeout.Ticks;
        while (true)
        {
            _confirmedAt = time.Now;
            yield return _trip / 2;
            bool isGranted = server.Signal.TryExclude();
            yield return _trip / 2;
            if (isGranted)
                break;
            if (time.Now >= deadline)
            {
                IsOver = true;
                yield break;
            }
            yield return Math.Min(backoff.Next().Ticks, deadline - time.Now);
        }
        long signalAt = _heldSince = time.Now;

        backoff = NewBackoff();
        bool holdsQuiesce = false;
        while (true)
        {
            if (!holdsQuiesce)
            {
                yield return _trip / 2;
                holdsQuiesce = server.Quiesce.TryExclude();
                yield return _trip / 2;
            }
            long left = _heldSince + setting.Lease.Ticks + setting.Margin.Ticks - time.Now;
            bool isDone = holdsQuiesce && left <= 0;
            if (isDone || time.Now - _confirmedAt >= _halfLease)
            {
                long askedAt = time.Now;
                yield return (2 * _trip) + (_trip / 2);
                server.Signal.TryExclude();
                if (holdsQuiesce)
                {
                    yield return _trip;
                    server.Quiesce.TryExclude();
                }
                yield return _trip / 2;
                _confirmedAt = askedAt;
                if (isDone)
                    break;
                continue;
            }
            yield return Math.Min(holdsQuiesce ? left : backoff.Next().Ticks, _halfLease - (time.Now - _confirmedAt));
        }
        Done = (signalAt - begunAt, time.Now - begunAt);
        yield return _trip / 2;
        server.Quiesce.Admit();
        yield return _trip;
        server.Signal.Admit();
        IsOver = true;
    }

    private Backoff NewBackoff() => new(TimeProvider.System, setting.Options.Random, Handover.FirstPause, Handover.LongestPause);
}
