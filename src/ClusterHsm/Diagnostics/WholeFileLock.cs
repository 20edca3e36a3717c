using System.Runtime.InteropServices;
using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Diagnostics;

/// <summary>flock(2): what .NET takes on every <c>File.Open</c>. The library itself never does; the doctor asks what it collides with.</summary>
internal static partial class WholeFileLock
{
    // sys/file.h
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int Release = 8;

    // errno.h of Linux, the same on every architecture, and of macOS; sys/file.h is the same on both
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>One attempt; Failed with <see cref="ShardError.NotSupported"/> where the file has no descriptor or the system no flock.</summary>
    public static LockResult Try(IShardFile file, LockKind kind) => Call(file, (kind == LockKind.Shared ? Shared : Exclusive) | NonBlocking);

    public static LockResult Unlock(IShardFile file) => Call(file, Release);

    private static LockResult Call(IShardFile file, int operation)
    {
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) || file.Handle is not { } handle)
            return new LockResult(LockStatus.Failed, ShardError.NotSupported);
        if (Flock(handle, operation) == 0)
            return LockResult.Granted;
        int errno = Marshal.GetLastPInvokeError();
        return errno == WouldBlock
            ? LockResult.Denied with { NativeError = errno }
            : new LockResult(LockStatus.Failed, ShardError.Other, errno);
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
