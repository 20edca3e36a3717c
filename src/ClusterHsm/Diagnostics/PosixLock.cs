using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace ClusterHsm.Diagnostics;

/// <summary>POSIX record locks (fcntl(2), F_SETLK), which belong to the process: taken by programs, and by the library where it has no better ones.</summary>
internal static class PosixLock
{
    /// <summary>One attempt; Failed with <see cref="ShardError.NotSupported"/> where the file has no descriptor or the system no such locks.</summary>
    public static LockResult Try(IShardFile file, LockRange range, LockKind kind) =>
        Call(file, range, kind == LockKind.Shared ? LockType.F_RDLCK : LockType.F_WRLCK);

    public static LockResult Unlock(IShardFile file, LockRange range) => Call(file, range, LockType.F_UNLCK);

    private static LockResult Call(IShardFile file, LockRange range, LockType type)
    {
        if (!OperatingSystem.IsLinux() || file.Handle is not SafeFileHandle handle || !RangeLocks.IsValid(range))
            return new LockResult(LockStatus.Failed, ShardError.NotSupported);
        bool counted = false;
        try
        {
            handle.DangerousAddRef(ref counted);
            int errno = ProcessOwnedLocks.Call((int)handle.DangerousGetHandle(), FcntlCommand.F_SETLK, range, type, out _);
            return errno == 0 ? LockResult.Granted : RangeLocks.ResultOf(errno);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            // Mono.Posix's native part is not here.
            return new LockResult(LockStatus.Failed, ShardError.NotSupported);
        }
        finally
        {
            if (counted)
                handle.DangerousRelease();
        }
    }
}
