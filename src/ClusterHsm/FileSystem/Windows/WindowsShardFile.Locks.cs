namespace ClusterHsm.FileSystem.Windows;

/// <summary>Byte-range locks.</summary>
internal sealed partial class WindowsShardFile
{
    private readonly HandleLocks _locks;

    /// <inheritdoc/>
    /// <remarks>See <see cref="HandleLocks"/>: a conversion to exclusive that is refused leaves nothing held and fails as temporary.</remarks>
    public LockResult TryLock(LockRange range, LockKind kind) => _locks.TryLock(range, kind);

    public LockResult QueryLock(LockRange range, LockKind kind) => _locks.Query(range, kind);

    public LockResult Unlock(LockRange range) => _locks.Unlock(range);

    /// <inheritdoc/>
    /// <remarks>
    /// Not on Windows: an opener is refused by the share mode of a handle that was there before, and a share mode that refuses all others
    /// refuses this handle too. <see cref="IShardFileSystem.FindWriters"/> tells of those who have it open for writing.
    /// </remarks>
    public OpenerExclusion TryExcludeOpeners() => OpenerExclusion.NotSupported;

    public void AdmitOpeners()
    {
    }
}
