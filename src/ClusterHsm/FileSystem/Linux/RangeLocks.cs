namespace ClusterHsm.FileSystem.Linux;

/// <summary>The calls that carry byte-range locks with handle semantics. Never throws on a live handle.</summary>
internal abstract class RangeLocks
{
    /// <summary>Where none works: every request fails.</summary>
    internal static readonly RangeLocks Missing = new NoRangeLocks();

    internal abstract LockDriver Driver { get; }

    /// <summary>Takes note of a descriptor right after it was opened.</summary>
    internal virtual void Attach(LinuxFileHandle file, DeviceNumber device, ulong inode)
    {
    }

    internal abstract LockResult TryLock(LinuxFileHandle file, LockRange range, LockKind kind);

    internal abstract LockResult Query(LinuxFileHandle file, LockRange range, LockKind kind);

    internal abstract LockResult Unlock(LinuxFileHandle file, LockRange range);

    /// <summary>Gives back all that the handle holds.</summary>
    internal abstract void UnlockAll(LinuxFileHandle file);

    /// <summary>Whether a range can be locked: at least one byte, the last of them at most 2^63-2.</summary>
    internal static bool IsValid(LockRange range) =>
        range.Offset >= 0 && range.Length > 0 && range.Length <= long.MaxValue - range.Offset;

    /// <summary>What an error number of a lock call means (R9): never a grant.</summary>
    internal static LockResult ResultOf(int errno) => errno switch
    {
        Errno.Again or Errno.AccessDenied => LockResult.Denied with { NativeError = errno },
        Errno.Invalid => new(LockStatus.Failed, ShardError.NotSupported, errno),
        _ => new(LockStatus.Failed, LinuxErrors.KindOf(errno), errno),
    };

    private sealed class NoRangeLocks : RangeLocks
    {
        private static readonly LockResult Refusal = new(LockStatus.Failed, ShardError.NotSupported, Errno.NotSupported);

        internal override LockDriver Driver => LockDriver.None;

        internal override LockResult TryLock(LinuxFileHandle file, LockRange range, LockKind kind) => Refusal;

        internal override LockResult Query(LinuxFileHandle file, LockRange range, LockKind kind) => Refusal;

        internal override LockResult Unlock(LinuxFileHandle file, LockRange range) => Refusal;

        internal override void UnlockAll(LinuxFileHandle file)
        {
        }
    }
}
