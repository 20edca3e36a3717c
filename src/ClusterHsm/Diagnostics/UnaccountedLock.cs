using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;

namespace ClusterHsm.Diagnostics;

/// <summary>A lock of the library's own kind of which the file takes no note, so that it is not given back before the close.</summary>
internal static class UnaccountedLock
{
    /// <summary>One attempt; Failed with <see cref="ShardError.NotSupported"/> where there is no way past the account.</summary>
    public static LockResult Try(IShardFile file, LockRange range, LockKind kind) => file switch
    {
        LinuxShardFile linux => linux.TryLockUnaccounted(range, kind),
        { Handle: null } => file.TryLock(range, kind), // in memory, a close is only a close
        _ => new LockResult(LockStatus.Failed, ShardError.NotSupported),
    };
}
