using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The HSM lock of one open data file (R7, R11).</summary>
/// <remarks>
/// <para>Two bytes at <see cref="ShardDescriptor.FileLockOffset"/>: a gate and the lock. A reader takes both shared in one call and drops
/// the gate; a writer takes both exclusively. A writer that is refused takes the gate alone and waits for the lock byte: new readers
/// then fail at the gate, and those that are in leave one by one, so overlapping readers cannot starve it.</para>
/// <para>A failed attempt leaves nothing held that was not held before. A refused conversion from shared to exclusive leaves the shared
/// lock; one that failed in the file system (<see cref="LockStatus.Failed"/>) leaves nothing, because nobody knows what is left. A
/// refused renewal means that the lock was lost, and leaves nothing.</para>
/// <para>Not thread-safe: the owner serialises calls; <see cref="Held"/> and <see cref="IsTrusted"/> may be read by any thread.
/// Whoever holds it releases it before the file is closed, because some file systems leak locks that are only closed.</para>
/// </remarks>
internal sealed class FileLock
{
    private const int NothingHeld = -1;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(64);

    private readonly IShardFile _file;
    private readonly TimeProvider _clock;
    private readonly long _lease;
    private readonly LockRange _gate;
    private readonly LockRange _lock;
    private readonly LockRange _both;
    private volatile int _held = NothingHeld;
    private long _askedAt;

    /// <summary>Nothing is locked yet.</summary>
    public FileLock(IShardFile file, ShardDescriptor descriptor, TimeProvider clock)
    {
        _file = file;
        _clock = clock;
        _lease = clock.TicksDown(descriptor.LeaseDuration);
        _gate = new LockRange(descriptor.FileLockOffset, 1);
        _lock = new LockRange(descriptor.FileLockOffset + 1, 1);
        _both = new LockRange(descriptor.FileLockOffset, 2);
    }

    /// <summary>What is held, or null.</summary>
    public LockKind? Held => _held == NothingHeld ? null : (LockKind)_held;

    /// <summary>Whether the lock is held and was granted less than a lease ago (R11).</summary>
    public bool IsTrusted
    {
        get
        {
            // What a caller has read under the lock was read before this question.
            Volatile.ReadBarrier();
            return _held != NothingHeld && (_clock.GetTimestamp() - Volatile.Read(ref _askedAt) < _lease || !Rules.R11);
        }
    }

    /// <summary>One attempt. Converts what is held; asked for what is held, it takes it anew and so renews the trust.</summary>
    public LockResult TryAcquire(LockKind kind)
    {
        long askedAt = _clock.GetTimestamp();
        return (Held, kind) switch
        {
            (null, LockKind.Shared) => TakeShared(askedAt),
            (null, LockKind.Exclusive) => TakeExclusive(askedAt),
            (LockKind.Shared, LockKind.Exclusive) => TakeExclusive(askedAt),
            // Past the gate: a waiting writer must not take away what this handle has. Also the way down from exclusive.
            (LockKind.Shared, LockKind.Shared) => Renew(askedAt, LockKind.Shared),
            (LockKind.Exclusive, LockKind.Shared) => Downgrade(askedAt),
            _ => Renew(askedAt, LockKind.Exclusive),
        };
    }

    /// <summary>Tries with growing, jittered pauses until the timeout; Denied or Failed then.</summary>
    /// <param name="kind">What to take.</param>
    /// <param name="timeout">Zero for one attempt; <see cref="Timeout.InfiniteTimeSpan"/> for no end.</param>
    /// <param name="cancellationToken">Ends the wait; nothing new is held then.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<LockResult> AcquireAsync(LockKind kind, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LockResult answer = TryAcquire(kind);
        if (!IsWorthWaiting(answer))
            return answer;
        long deadline = Deadline(timeout);
        var backoff = NewBackoff();
        bool hasGate = false;
        try
        {
            while (await backoff.PauseAsync(deadline, cancellationToken).ConfigureAwait(false))
            {
                answer = TryAgain(kind, ref hasGate);
                if (!IsWorthWaiting(answer))
                    break;
            }
            return answer;
        }
        finally
        {
            LeaveGate(hasGate);
        }
    }

    /// <summary>The same on the calling thread, which it blocks.</summary>
    /// <inheritdoc cref="AcquireAsync"/>
    public LockResult Acquire(LockKind kind, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LockResult answer = TryAcquire(kind);
        if (!IsWorthWaiting(answer))
            return answer;
        long deadline = Deadline(timeout);
        var backoff = NewBackoff();
        bool hasGate = false;
        try
        {
            while (backoff.Pause(deadline, cancellationToken))
            {
                answer = TryAgain(kind, ref hasGate);
                if (!IsWorthWaiting(answer))
                    break;
            }
            return answer;
        }
        finally
        {
            LeaveGate(hasGate);
        }
    }

    /// <summary>Gives it back; nothing if nothing is held.</summary>
    public void Release()
    {
        if (_held == NothingHeld)
            return;
        _held = NothingHeld;
        _file.Unlock(_both);
    }

    private LockResult TakeShared(long askedAt)
    {
        LockResult answer = _file.TryLock(_both, LockKind.Shared);
        if (!answer.IsGranted)
            return answer;
        LockResult given = _file.Unlock(_gate);
        return given.IsGranted ? Hold(LockKind.Shared, askedAt) : LoseAll(given);
    }

    private LockResult TakeExclusive(long askedAt)
    {
        LockResult answer = _file.TryLock(_both, LockKind.Exclusive);
        if (answer.IsGranted)
            return Hold(LockKind.Exclusive, askedAt);
        return answer.Status == LockStatus.Failed && _held != NothingHeld ? LoseAll(answer) : answer;
    }

    private LockResult Renew(long askedAt, LockKind kind)
    {
        LockResult answer = _file.TryLock(kind == LockKind.Shared ? _lock : _both, kind);
        return answer.IsGranted ? Hold(kind, askedAt) : LoseAll(answer);
    }

    private LockResult Downgrade(long askedAt)
    {
        LockResult answer = _file.TryLock(_lock, LockKind.Shared);
        if (!answer.IsGranted)
            return LoseAll(answer);
        LockResult given = _file.Unlock(_gate);
        return given.IsGranted ? Hold(LockKind.Shared, askedAt) : LoseAll(given);
    }

    /// <summary>A later attempt of a caller that waits: a writer goes by the gate.</summary>
    private LockResult TryAgain(LockKind kind, ref bool hasGate)
    {
        if (kind == LockKind.Shared || _held == (int)LockKind.Exclusive)
            return TryAcquire(kind);
        if (!hasGate)
        {
            LockResult gate = _file.TryLock(_gate, LockKind.Exclusive);
            if (!gate.IsGranted)
                return gate.Status == LockStatus.Failed && _held != NothingHeld ? LoseAll(gate) : gate;
            hasGate = true;
        }
        // Gate and lock in one call, so that a gate that was lost while waiting is had again.
        return TryAcquire(kind);
    }

    private void LeaveGate(bool hasGate)
    {
        if (hasGate && _held != (int)LockKind.Exclusive)
            _file.Unlock(_gate);
    }

    private LockResult Hold(LockKind kind, long askedAt)
    {
        Volatile.Write(ref _askedAt, askedAt);
        _held = (int)kind;
        return LockResult.Granted;
    }

    private LockResult LoseAll(LockResult answer)
    {
        _held = NothingHeld;
        _file.Unlock(_both);
        return answer;
    }

    private long Deadline(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _clock.GetTimestamp() + _clock.TicksUp(timeout);

    private Backoff NewBackoff() => new(_clock, Random.Shared, FirstPause, LongestPause);

    private static bool IsWorthWaiting(LockResult answer) =>
        answer.Status == LockStatus.Denied || (answer.Status == LockStatus.Failed && answer.Error == ShardError.Temporary);
}
