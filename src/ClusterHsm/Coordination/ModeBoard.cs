using ClusterHsm.Caching;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.Coordination;

/// <summary>The mode of a node and why: changed by the poller, read by everyone at any time. Holds no lock over any I/O.</summary>
internal sealed class ModeBoard : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly InodeCache _cache;
    private readonly ILogger _logger;
    private readonly string _root;
    private readonly Lock _gate = new();
    private readonly NodeLease _lease;
    private readonly OrderedEvents _events = new();
    private readonly ITimer _expiry;
    private readonly List<(LockMode Mode, TaskCompletionSource Completion)> _waiters = [];

    private volatile Entry _entry;
    private bool _stopped;
    private long _polls;
    private long _grants;
    private long _changes;
    private string? _lastError;

    public ModeBoard(TimeProvider clock, InodeCache cache, TimeSpan leaseDuration, string root, ILogger logger)
    {
        _clock = clock;
        _cache = cache;
        _logger = logger;
        _root = root;
        _lease = new NodeLease(clock, cache, leaseDuration);
        _entry = new Entry(LockMode.Strict, ModeReason.Starting, "no poll has been answered yet", clock.GetTimestamp());
        _expiry = clock.CreateTimer(static board => ((ModeBoard)board!).OnExpiry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised in order on the thread pool.</summary>
    public event EventHandler<ModeChangedEventArgs>? ModeChanged;

    /// <summary>What the events name as their sender.</summary>
    public object? Sender { get; set; }

    /// <inheritdoc cref="NodeLease.Covers"/>
    public bool IsRelaxed(long epoch) => _lease.Covers(epoch);

    /// <summary>The mode now, and for how long. No allocation.</summary>
    public (LockMode Mode, TimeSpan For) Now()
    {
        Entry entry = _entry;
        long end = _lease.End;
        long now = _clock.GetTimestamp();
        if (entry.Mode == LockMode.Strict)
            return (LockMode.Strict, _clock.Duration(now - entry.Since));
        return now < end
            ? (LockMode.Relaxed, _clock.Duration(now - entry.Since))
            : (LockMode.Strict, _clock.Duration(Math.Max(0, now - Math.Max(end, entry.Since))));
    }

    /// <summary>A complete description.</summary>
    public MonitorState Describe(string? nodeId, string? presenceError)
    {
        lock (_gate)
        {
            (LockMode mode, TimeSpan time) = Now();
            bool ranOut = mode != _entry.Mode;
            return new MonitorState
            {
                Mode = mode,
                Reason = ranOut ? ModeReason.LeaseRanOut : _entry.Reason,
                Explanation = ranOut ? LeaseRanOutWords : _entry.Words,
                TimeInMode = time,
                LeaseRemaining = mode == LockMode.Relaxed
                    ? _clock.Duration(Math.Max(0, _lease.End - _clock.GetTimestamp())) : TimeSpan.Zero,
                Epoch = _cache.Epoch,
                LastError = _lastError,
                Polls = _polls,
                Grants = _grants,
                ModeChanges = _changes,
                NodeId = nodeId,
                PresenceError = presenceError,
            };
        }
    }

    /// <summary>Signal and quiesce were granted.</summary>
    /// <param name="askedAt">The clock reading taken before the poll.</param>
    /// <returns>Whether the node is relaxed now.</returns>
    public bool Grant(long askedAt)
    {
        lock (_gate)
        {
            _polls++;
            if (_stopped)
                return false;
            LeaseRenewal renewal = _lease.Renew(askedAt);
            if (renewal == LeaseRenewal.TooLate)
            {
                Enter(LockMode.Strict, ModeReason.LeaseRanOut, "the last poll took longer than the lease that it was to renew");
                return false;
            }
            _grants++;
            // A break that nobody reported while it lasted is reported before the new lease.
            if (renewal == LeaseRenewal.Begun && _entry.Mode == LockMode.Relaxed)
                Set(LockMode.Strict, ModeReason.LeaseRanOut, LeaseRanOutWords);
            Set(LockMode.Relaxed, ModeReason.SignalFree, "the signal is free");
            _expiry.Change(_clock.TimerDuration(_lease.End - _clock.GetTimestamp()), Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>Anything but a clean grant (R9). When this returns, relaxed mode has ended: quiesce may be released.</summary>
    public void Refuse(ModeReason reason, string words, string? error)
    {
        lock (_gate)
        {
            _polls++;
            _lastError = error ?? _lastError;
            if (!_stopped)
                Enter(LockMode.Strict, reason, words);
        }
    }

    /// <summary>Leaves relaxed mode for ever.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            Enter(LockMode.Strict, ModeReason.Stopped, "the monitor was closed");
            _stopped = true;
            foreach ((_, TaskCompletionSource completion) in _waiters)
                completion.TrySetException(new ObjectDisposedException(nameof(SignalFileLockMonitor)));
            _waiters.Clear();
        }
    }

    /// <summary>Completes once the node is in a mode.</summary>
    public Task WaitForModeAsync(LockMode mode, CancellationToken cancellationToken)
    {
        TaskCompletionSource completion;
        lock (_gate)
        {
            if (Now().Mode == mode)
                return Task.CompletedTask;
            if (_stopped)
                return Task.FromException(new ObjectDisposedException(nameof(SignalFileLockMonitor)));
            if (cancellationToken.IsCancellationRequested)
                return Task.FromCanceled(cancellationToken);
            completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((mode, completion));
        }
        return cancellationToken.CanBeCanceled ? WaitCancellablyAsync(completion, cancellationToken) : completion.Task;
    }

    public void Dispose() => _expiry.Dispose();

    private const string LeaseRanOutWords = "the lease ran out before another poll was answered: this node was paused, or the file system is slow";

    private async Task WaitCancellablyAsync(TaskCompletionSource completion, CancellationToken cancellationToken)
    {
        try
        {
            await completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _waiters.RemoveAll(waiter => waiter.Completion == completion);
        }
    }

    /// <summary>Tells those who watch that the lease is over while a poll hangs. Safety does not hang on it: readers look at the clock.</summary>
    private void OnExpiry()
    {
        lock (_gate)
        {
            if (_stopped || !_lease.Exists)
                return;
            if (_lease.TerminateIfRunOut())
                Set(LockMode.Strict, ModeReason.LeaseRanOut, LeaseRanOutWords);
            else
                _expiry.Change(_clock.TimerDuration(_lease.End - _clock.GetTimestamp()), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>To strict mode: first the lease and the epoch end, then the world is told.</summary>
    private void Enter(LockMode mode, ModeReason reason, string words)
    {
        _lease.Terminate();
        Set(mode, reason, words);
    }

    private void Set(LockMode mode, ModeReason reason, string words)
    {
        Entry before = _entry;
        bool changed = before.Mode != mode;
        if (!changed && before.Reason == reason)
            return;
        _entry = new Entry(mode, reason, words, changed ? _clock.GetTimestamp() : before.Since);
        _events.Add(() => Tell(mode, reason, words, changed));
        if (!changed)
            return;
        _changes++;
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Mode != mode)
                continue;
            _waiters[i].Completion.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }

    private void Tell(LockMode mode, ModeReason reason, string words, bool changed)
    {
        try
        {
            if (mode == LockMode.Relaxed)
                _logger.NodeIsRelaxed(_root, words);
            else if (reason is ModeReason.SignalHeld or ModeReason.QuiesceHeld or ModeReason.Stopped)
                _logger.NodeIsStrict(_root, reason, words);
            else
                _logger.NodeIsStrictByFault(_root, reason, words);
        }
        catch (Exception)
        {
            // A logger that throws must not take the process down with a pool thread.
        }
        if (!changed || ModeChanged is not { } handlers)
            return;
        var arguments = new ModeChangedEventArgs(mode, reason, words);
        foreach (EventHandler<ModeChangedEventArgs> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(Sender, arguments);
            }
            catch (Exception failure)
            {
                _logger.ModeHandlerFailed(failure, _root);
            }
        }
    }

    private sealed record Entry(LockMode Mode, ModeReason Reason, string Words, long Since);
}
