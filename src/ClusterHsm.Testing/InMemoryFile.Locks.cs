using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

// Locks, which answer and never throw (R9), and the exclusion of openers.
internal sealed partial class InMemoryFile
{
    public LockResult TryLock(LockRange range, LockKind kind) => Ask(About(ShardOperation.Lock, range.Offset, range.Length, kind), range);

    public LockResult QueryLock(LockRange range, LockKind kind) =>
        Ask(About(ShardOperation.QueryLock, range.Offset, range.Length, kind), range);

    public LockResult Unlock(LockRange range) => Ask(About(ShardOperation.Unlock, range.Offset, range.Length), range);

    public OpenerExclusion TryExcludeOpeners()
    {
        ShardOperationInfo info = About(ShardOperation.ExcludeOpeners);
        Fault.Effect effect = Begin(info);
        OpenerExclusion answer;
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            if (!Shard.HasLeases || (Node.UserId != 0 && Node.UserId != inode.State.UserId))
                answer = OpenerExclusion.NotSupported;
            else if (inode.Handles.Exists(handle => handle != this && handle.Node == Node))
                answer = OpenerExclusion.OthersHaveItOpen;
            else
                answer = OpenerExclusion.Excluded;
            ExcludesOpeners = answer == OpenerExclusion.Excluded;
        }
        Node.End(info, effect);
        return answer;
    }

    public void AdmitOpeners()
    {
        lock (Gate)
            ExcludesOpeners = false;
    }

    private LockResult Ask(ShardOperationInfo info, LockRange range)
    {
        Fault.Effect effect = Node.Begin(info);
        if (effect.Kind == Fault.EffectKind.Fail)
            return Failed(effect.Error);
        LockResult result;
        lock (Gate)
            result = Answer(info, range, effect.Kind);
        Node.End(info, effect);
        return result;
    }

    private LockResult Answer(ShardOperationInfo info, LockRange range, Fault.EffectKind effect)
    {
        if (Node.IsCrashed || _isDisposed)
            return Failed(ShardError.DeadHandle);
        if (range.Offset < 0 || range.Length < 1 || range.Offset > long.MaxValue - range.Length)
            return Failed(ShardError.Other, Einval);
        if (info.LockKind is not { } kind)
        {
            inode.Locks.Release(this, range);
            return LockResult.Granted;
        }
        bool takes = info.Operation == ShardOperation.Lock;
        if (takes && !(kind == LockKind.Shared ? canRead : CanWrite))
            return Failed(ShardError.AccessDenied, Ebadf);
        if (effect == Fault.EffectKind.Deny)
            return LockResult.Denied with { NativeError = Failures.NativeError(ShardError.Busy) };
        if (effect == Fault.EffectKind.Lose)
        {
            inode.Locks.Release(this, range);
            return LockResult.Granted;
        }
        if (!inode.Locks.IsFree(this, range, kind, seesOtherNodes: Shard.LockReach != LockReach.NodeLocal))
            return LockResult.Denied with { NativeError = Failures.NativeError(ShardError.Busy) };
        if (takes)
            inode.Locks.Take(this, range, kind);
        return LockResult.Granted;
    }

    private static LockResult Failed(ShardError error, int nativeError = 0) =>
        new(LockStatus.Failed, error, nativeError == 0 ? Failures.NativeError(error) : nativeError);
}
