using System.Diagnostics;
using ClusterHsm.Coordination;

namespace ClusterHsm.ClusterDemo;

/// <summary>How long a node has been strict. Time in which the process was stopped counts as the mode that it was stopped in.</summary>
internal sealed class ModeClock
{
    private readonly Lock _gate = new();
    private readonly long _begin = Stopwatch.GetTimestamp();
    private LockMode _mode;
    private long _since;
    private TimeSpan _strict;

    public ModeClock(SignalFileLockMonitor monitor)
    {
        lock (_gate)
        {
            monitor.ModeChanged += (_, change) => Change(change.Mode);
            (_mode, _since) = (monitor.State.Mode, _begin);
        }
    }

    /// <summary>Since the clock was made.</summary>
    public TimeSpan Alive => Stopwatch.GetElapsedTime(_begin);

    /// <summary>The part of it in strict mode.</summary>
    public TimeSpan Strict
    {
        get
        {
            lock (_gate)
                return _strict + StrictSinceChange();
        }
    }

    private void Change(LockMode mode)
    {
        lock (_gate)
        {
            _strict += StrictSinceChange();
            (_mode, _since) = (mode, Stopwatch.GetTimestamp());
        }
    }

    private TimeSpan StrictSinceChange() => _mode == LockMode.Strict ? Stopwatch.GetElapsedTime(_since) : TimeSpan.Zero;
}
