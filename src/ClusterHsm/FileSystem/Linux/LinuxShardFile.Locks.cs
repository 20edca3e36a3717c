namespace ClusterHsm.FileSystem.Linux;

/// <summary>Byte-range locks and leases.</summary>
internal sealed partial class LinuxShardFile
{
    /// <summary>
    /// What may be held, guarded by <see cref="_file"/>: given back before the close, because some FUSE file systems leak locks that are
    /// only closed.
    /// </summary>
    private List<LockRange>? _held;

    private bool _excludesOpeners;

    public LockResult TryLock(LockRange range, LockKind kind)
    {
        try
        {
            LockResult result = _shard.Locks.TryLock(_file, range, kind);
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

    /// <summary>The same, but not given back before the close: for the question whether the close alone ends it.</summary>
    internal LockResult TryLockUnaccounted(LockRange range, LockKind kind)
    {
        try
        {
            return _shard.Capabilities.LockDriver == LockDriver.OpenFileDescription
                ? _shard.Locks.TryLock(_file, range, kind)
                : new LockResult(LockStatus.Failed, ShardError.NotSupported);
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
            return _shard.Locks.Query(_file, range, kind);
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
            LockResult result = _shard.Locks.Unlock(_file, range);
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
    /// A write lease (fcntl(2), F_SETLEASE). A non-blocking open elsewhere fails at once, a blocking one waits, until
    /// <see cref="AdmitOpeners"/> or, at the latest, /proc/sys/fs/lease-break-time (45 s) after it came, when the kernel takes the lease
    /// away: so hold it for less. It needs the file's owner or CAP_LEASE.
    /// </remarks>
    public OpenerExclusion TryExcludeOpeners()
    {
        int errno = LinuxLease.Take(_file, LinuxConstants.ExclusiveLock);
        if (errno == Errno.None)
            Volatile.Write(ref _excludesOpeners, true);
        return errno switch
        {
            Errno.None => OpenerExclusion.Excluded,
            Errno.Again or Errno.Busy or Errno.TextBusy when LinuxLease.RefusalTellsOfOpeners(_shard.Capabilities.FileSystemType)
                => OpenerExclusion.OthersHaveItOpen,
            _ => OpenerExclusion.NotSupported,
        };
    }

    public void AdmitOpeners()
    {
        if (!Interlocked.Exchange(ref _excludesOpeners, false))
            return;
        try
        {
            LinuxLease.GiveBack(_file);
        }
        catch (ObjectDisposedException)
        {
            // The lease went with the descriptor.
        }
    }

    private static LockResult OnClosedFile => new(LockStatus.Failed, ShardError.DeadHandle, Errno.BadDescriptor);

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
        if (Volatile.Read(ref _excludesOpeners))
            AdmitOpeners();
        if (Volatile.Read(ref _held) is null)
            return; // as for every relaxed read
        lock (_file)
        {
            if (_held is not { Count: > 0 })
                return;
            _held.Clear();
        }
        _shard.Locks.UnlockAll(_file);
    }
}
