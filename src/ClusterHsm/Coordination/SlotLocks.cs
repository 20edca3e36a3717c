using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>A migrator's byte in signal and in quiesce (R10), and the time until which both may be believed in (R11).</summary>
/// <remarks>Not thread-safe: <see cref="Handover"/> serialises it.</remarks>
internal sealed class SlotLocks(IShardFileSystem shard, ShardDescriptor descriptor)
{
    private readonly TimeProvider _clock = shard.Clock;
    private readonly long _lease = shard.Clock.TicksDown(descriptor.LeaseDuration);
    private readonly ControlFile _signal = new(shard, ControlFolder.SignalPath, ShardOpenOptions.ReadWrite);
    private readonly ControlFile _quiesce = new(shard, ControlFolder.QuiescePath, ShardOpenOptions.ReadWrite);
    private LockRange _slot;
    private long _confirmedAt;

    /// <summary>Whether the slot of the signal was granted.</summary>
    public bool HoldsSignal { get; private set; }

    /// <summary>Whether the slot of quiesce was granted.</summary>
    public bool HoldsQuiesce { get; private set; }

    /// <summary>The slot that is held or was last tried.</summary>
    public int Slot => (int)_slot.Offset;

    /// <summary>A clock reading after the grant from which nodes have been kept out without a gap: (c) of R4 counts from here.</summary>
    public long HeldSince { get; private set; }

    /// <summary>Ticks since the reading taken before the last successful pair of lock calls.</summary>
    public long Age => _clock.GetTimestamp() - _confirmedAt;

    /// <summary>Whether the locks are held and were granted less than a lease ago.</summary>
    public bool AreTrusted => HoldsSignal && (Age < _lease || !Rules.R11);

    /// <summary>Opens both files, or looks whether they still have their names.</summary>
    /// <returns>Null, or which one is missing or was replaced, in words.</returns>
    /// <exception cref="ShardIOException">The file system failed, or permission is missing.</exception>
    public string? Look() => Look(_signal) ?? Look(_quiesce);

    /// <summary>(a): one attempt on a slot of the signal.</summary>
    public LockResult TrySignal(int slot)
    {
        _slot = new LockRange(slot, 1);
        long askedAt = _clock.GetTimestamp();
        LockResult answer = LockSignal();
        if (!answer.IsGranted)
            return answer;
        HoldsSignal = true;
        _confirmedAt = askedAt;
        HeldSince = _clock.GetTimestamp();
        return answer;
    }

    /// <summary>(b): one attempt on the same slot of quiesce.</summary>
    /// <exception cref="ShardIOException">The file had to be opened anew and could not be.</exception>
    public LockResult TryQuiesce()
    {
        if (!_quiesce.IsOpen)
            Look(_quiesce);
        LockResult answer = _quiesce.TryLock(_slot, LockKind.Exclusive);
        HoldsQuiesce = answer.IsGranted;
        if (answer.Error == ShardError.DeadHandle)
            _quiesce.Close();
        return answer;
    }

    /// <summary>The same once the handover has gone on without it: had or not, nothing changes but that from now on it must be kept.</summary>
    public void TryQuiesceLate()
    {
        try
        {
            TryQuiesce();
        }
        catch (ShardIOException)
        {
            // Tried again at the next renewal.
        }
    }

    /// <summary>Takes what is held again and looks at the names (R11).</summary>
    /// <param name="unbroken">
    /// Whether less than a lease has passed between the call before and the end of this one, so that nothing can have been lost between.
    /// If not, <see cref="HeldSince"/> has begun anew.
    /// </param>
    /// <returns>Null, or why the locks are not held any more.</returns>
    public string? Confirm(out bool unbroken)
    {
        unbroken = false;
        long askedAt = _clock.GetTimestamp();
        try
        {
            if (Look() is { } gone)
                return gone;
            LockResult answer = LockSignal();
            if (!answer.IsGranted)
                return $"the signal lock was lost: {Words(answer)}";
            if (HoldsQuiesce)
            {
                answer = _quiesce.TryLock(_slot, LockKind.Exclusive);
                if (!answer.IsGranted)
                    return $"the quiesce lock was lost: {Words(answer)}";
            }
        }
        catch (ShardIOException failure)
        {
            return failure.Message.TrimEnd('.');
        }
        long now = _clock.GetTimestamp();
        unbroken = now - _confirmedAt < _lease;
        if (!unbroken)
            HeldSince = now;
        _confirmedAt = askedAt;
        return null;
    }

    /// <summary>Gives back what is held, quiesce first, so that nodes go on to see the signal held until all is free. The files stay open.</summary>
    public void Release()
    {
        if (HoldsQuiesce && !_quiesce.Unlock(_slot).IsGranted)
            _quiesce.Close();
        if (HoldsSignal && !_signal.Unlock(_slot).IsGranted)
            _signal.Close();
        HoldsQuiesce = HoldsSignal = false;
    }

    /// <summary>Closes both files and takes whatever has their names next.</summary>
    public void Forget()
    {
        _quiesce.Forget();
        _signal.Forget();
    }

    /// <summary>A lock answer for people.</summary>
    public static string Words(LockResult answer) => answer.Status == LockStatus.Denied
        ? "somebody else holds it"
        : $"the lock call failed: {answer.Error}" + (answer.NativeError == 0 ? "" : $" (error {answer.NativeError})");

    private LockResult LockSignal() => Rules.R4a ? _signal.TryLock(_slot, LockKind.Exclusive) : LockResult.Granted;

    private static string? Look(ControlFile file) => file.Look() switch
    {
        ControlFileStatus.Present => null,
        ControlFileStatus.Missing => $"{file.Path} is missing or not a regular file",
        _ => $"{file.Path} was replaced by another file",
    };
}
