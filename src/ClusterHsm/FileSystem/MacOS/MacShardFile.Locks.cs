namespace ClusterHsm.FileSystem.MacOS;

/// <summary>Byte-range locks.</summary>
internal sealed partial class MacShardFile
{
    /// <summary>What may be held, guarded by <see cref="_file"/>: given back before the close.</summary>
    private List<LockRange>? _held;

    public LockResult TryLock(LockRange range, LockKind kind)
    {
        try
        {
            LockResult result = DarwinLocks.TryLock(_darwin, _file, range, kind);
            // After an interrupted or failed call nobody knows whether the lock is held.
            if (result.IsGranted || result.Error is ShardError.Temporary or ShardError.DeadHandle or ShardError.Other)
                Remember(range);
            return result;
        }
        catch (ObjectDisposedException)
        {
            return OnClosedFile;
        }
    }

    public LockResult QueryLock(LockRange range, LockKind kind)
    {
        try
        {
            return DarwinLocks.Query(_darwin, _file, range, kind);
        }
        catch (ObjectDisposedException)
        {
            return OnClosedFile;
        }
    }

    public LockResult Unlock(LockRange range)
    {
        try
        {
            LockResult result = DarwinLocks.Unlock(_darwin, _file, range);
            if (result.IsGranted)
                Forget(range);
            return result;
        }
        catch (ObjectDisposedException)
        {
            return OnClosedFile;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Not on macOS: it has leases (F_SETLEASE), and gives them to programs with Apple's own entitlement only
    /// (com.apple.private.vfs.file-leases; vnode_setlease in bsd/vfs/vfs_subr.c).
    /// </remarks>
    public OpenerExclusion TryExcludeOpeners() => OpenerExclusion.NotSupported;

    public void AdmitOpeners()
    {
    }

    private static LockResult OnClosedFile => new(LockStatus.Failed, ShardError.DeadHandle, DarwinErrno.BadDescriptor);

    private void Remember(LockRange range)
    {
        lock (_file)
        {
            _held ??= new List<LockRange>(2);
            if (!_held.Contains(range))
                _held.Add(range);
        }
    }

    private void Forget(LockRange range)
    {
        lock (_file)
            _held?.RemoveAll(held => held.Offset >= range.Offset && held.End <= range.End);
    }

    private void GiveLocksBack()
    {
        if (Volatile.Read(ref _held) is null)
            return; // as for every relaxed read
        lock (_file)
        {
            if (_held is not { Count: > 0 })
                return;
            _held.Clear();
        }
        DarwinLocks.UnlockAll(_darwin, _file);
    }
}
