using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>One node's side of the protocol, one poll at a time: asks for the signal, keeps quiesce, and moves the mode (R1, R2, R3, R9).</summary>
/// <remarks>Not thread-safe: the monitor serialises it.</remarks>
internal sealed class SignalPoller(
    IShardFileSystem shard, ShardDescriptor descriptor, ModeBoard board, NodePresence presence, SignalRequest request)
{
    /// <summary>The root stays open for as long as the shard, and what it is open on died with its mount.</summary>
    private const string MountGone =
        "; it is asked again at every poll, but a file system that was mounted anew is another: open the volume again once it is mounted";

    private readonly TimeProvider _clock = shard.Clock;
    private readonly LockRange _slots = new(0, descriptor.SlotCount);
    private readonly ControlFile _signal = new(shard, ControlFolder.SignalPath, ShardOpenOptions.Read);
    private readonly ControlFile _quiesce = new(shard, ControlFolder.QuiescePath, ShardOpenOptions.Read);
    private readonly long _lease = shard.Clock.TicksDown(descriptor.LeaseDuration);
    private readonly long _handoverTime =
        shard.Clock.TicksUp(descriptor.LeaseDuration) + shard.Clock.TicksUp(descriptor.ClockDriftMargin);

    private bool _holdsQuiesce;
    private long _quiesceTakenAt;
    private bool _knowsFiles;
    private long _strictUntil = long.MinValue;

    /// <summary>Asks and acts. Never throws.</summary>
    public void Poll()
    {
        // Before anything is sent (R1).
        long askedAt = _clock.GetTimestamp();
        Refusal? refusal;
        try
        {
            refusal = Ask(askedAt);
        }
        catch (ShardIOException failure)
        {
            ModeReason reason = failure.Error == ShardError.AccessDenied ? ModeReason.SignalUnreadable : ModeReason.LockFailed;
            refusal = new Refusal(reason, failure.Message.TrimEnd('.'), failure.Message);
            if (failure.Error == ShardError.DeadHandle)
                refusal = refusal with { DeadHandles = true, Words = refusal.Words + MountGone };
        }
        catch (Exception failure)
        {
            refusal = new Refusal(ModeReason.LockFailed, $"the poll failed: {failure.Message}", failure.ToString());
        }

        if (refusal is null)
        {
            if (!board.Grant(askedAt))
                ReleaseQuiesce();
            return;
        }
        // R3: relaxed mode and the epoch end here, before the quiesce lock goes below.
        board.Refuse(refusal.Reason, refusal.Words, refusal.Error);
        ReleaseQuiesce();
        if (refusal.DeadHandles)
        {
            _signal.Close();
            _quiesce.Close();
            _knowsFiles = false;
        }
        if (refusal.Adopt)
        {
            _signal.Forget();
            _quiesce.Forget();
        }
    }

    /// <summary>Gives everything back. Relaxed mode must have been left.</summary>
    public void Leave()
    {
        ReleaseQuiesce();
        _signal.Close();
        _quiesce.Close();
    }

    /// <summary>The questions in their order; null if all were granted.</summary>
    private Refusal? Ask(long askedAt)
    {
        if (descriptor.EffectiveLockReach(shard) != LockReach.Shared)
        {
            return new Refusal(ModeReason.LocksNotShared,
                $"locks on {shard.Capabilities.FileSystemType} are not known to be seen by every node{ShardErrors.Because(shard)}, so this node stays strict; "
                + "if they are, prove it with 'clusterhsm doctor --peer' and record it in shard.json as \"lockReach\"", null);
        }
        if (!descriptor.CachesProven && shard.Capabilities.RecordFault is { } late)
        {
            return new Refusal(ModeReason.RecordsSeenLate,
                $"on {shard.Capabilities.FileSystemType}, {late}, so this node stays strict; "
                + "if it is not so here, prove it with 'clusterhsm doctor' between two computers and record it in shard.json as \"cachesProven\"", null);
        }
        // A grant on an inode that has lost its name would be worth nothing: migrators lock the one that has it.
        if (LookAt(_signal) is { } signalGone)
            return signalGone;
        if (LookAt(_quiesce) is { } quiesceGone)
            return quiesceGone;
        if (!_knowsFiles)
            MeetFiles();
        if (AskSignal() is { } denied)
            return denied;
        if (KeepQuiesce() is { } lost)
            return lost;
        return askedAt >= _strictUntil ? null : new Refusal(ModeReason.SignalReplaced,
            "the signal or quiesce file was replaced, or is not known to be the shard's first; a migrator may still be at work under the "
            + "old one, so this node stays strict for the length of a handover", null);
    }

    /// <summary>
    /// Files that were opened just now may have taken the place of others a moment ago. Only the times under which the shard was made
    /// say that they have not; inode numbers are used again.
    /// </summary>
    private void MeetFiles()
    {
        _knowsFiles = true;
        if (_signal.Changed != descriptor.SignalChanged || _quiesce.Changed != descriptor.QuiesceChanged)
            StayStrict();
    }

    /// <summary>A migrator with the old file open looks at the name at least every half lease and trusts what it saw for one lease.</summary>
    private void StayStrict() => _strictUntil = _clock.GetTimestamp() + _handoverTime;

    private Refusal? LookAt(ControlFile file)
    {
        switch (file.Look())
        {
            case ControlFileStatus.Present:
                return null;
            case ControlFileStatus.Missing:
                return new Refusal(ModeReason.SignalMissing,
                    $"{file.Path} is missing or not a regular file; make it anew, empty, with the permissions of the control folder", null);
            default:
                StayStrict();
                return new Refusal(ModeReason.SignalReplaced,
                    $"{file.Path} was replaced by another file; nobody may delete or replace it", null) { Adopt = true };
        }
    }

    private Refusal? AskSignal()
    {
        LockResult answer = request == SignalRequest.Query
            ? _signal.QueryLock(_slots, LockKind.Shared)
            : _signal.TryLock(_slots, LockKind.Shared);
        if (!IsGrant(answer))
        {
            return answer.Status == LockStatus.Denied
                ? new Refusal(ModeReason.SignalHeld, "a migrator holds the signal", null)
                : Failed(_signal, answer);
        }
        if (request == SignalRequest.Query)
            return null;
        LockResult given = _signal.Unlock(_slots);
        if (given.IsGranted)
            return null;
        // A signal lock that cannot be given back would keep every migrator out; closing the handle ends it.
        return Failed(_signal, given) with { DeadHandles = true };
    }

    private Refusal? KeepQuiesce()
    {
        long now = _clock.GetTimestamp();
        bool held = _holdsQuiesce;
        if ((held && now - _quiesceTakenAt < _lease) || !Rules.R3)
            return null;
        if (!held)
            presence.MarkQuiesce(true);
        LockResult answer = _quiesce.TryLock(_slots, LockKind.Shared);
        if (IsGrant(answer))
        {
            _holdsQuiesce = true;
            _quiesceTakenAt = now;
            return null;
        }
        if (answer.Status == LockStatus.Failed)
            return Failed(_quiesce, answer);
        return held
            ? new Refusal(ModeReason.QuiesceLost, "the quiesce lock of this node was lost and somebody else holds it now", null)
            : new Refusal(ModeReason.QuiesceHeld, "a migrator holds the quiesce file", null);
    }

    private void ReleaseQuiesce()
    {
        if (_holdsQuiesce)
        {
            _holdsQuiesce = false;
            // If the file system cannot even unlock, the end of the handle ends the lock.
            if (!_quiesce.Unlock(_slots).IsGranted)
                _quiesce.Close();
        }
        presence.MarkQuiesce(false);
    }

    private static bool IsGrant(LockResult answer) => Rules.R9 ? answer.IsGranted : answer.Status != LockStatus.Denied;

    private static Refusal Failed(ControlFile file, LockResult answer)
    {
        string words = $"the lock call on {file.Path} failed: {answer.Error}"
            + (answer.NativeError == 0 ? "" : $" (error {answer.NativeError})");
        return answer.Error == ShardError.DeadHandle
            ? new Refusal(ModeReason.LockFailed, words + MountGone, words) { DeadHandles = true }
            : new Refusal(ModeReason.LockFailed, words, words);
    }

    /// <summary>Why a poll does not end in relaxed mode, and what is to be done once it has been left.</summary>
    private sealed record Refusal(ModeReason Reason, string Words, string? Error)
    {
        /// <summary>Close the handles and open the files anew at the next poll.</summary>
        public bool DeadHandles { get; init; }

        /// <summary>Take the files that have the names now.</summary>
        public bool Adopt { get; init; }
    }
}
