using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// Classic POSIX record locks through Mono.Posix, where open-file-description locks are unknown (old kernels, gVisor, WSL 1).
/// </summary>
/// <remarks>
/// They belong to the process, so that two handles of one process never conflict, one handle's unlock drops the other's lock, and
/// closing any descriptor of the file drops all of them. <see cref="InodeLocks"/> keeps account of who holds what and puts off closing
/// (the way of SQLite's unix VFS, see "Posix Advisory Locking" in its os_unix.c). What other code of this process closes is not seen.
/// </remarks>
internal sealed class ProcessOwnedLocks : RangeLocks
{
    internal static readonly ProcessOwnedLocks Instance = new();

    internal override LockDriver Driver => LockDriver.ProcessOwned;

    /// <summary>Whether Mono.Posix's native part is here and the kernel answers, asked of any readable descriptor.</summary>
    internal static bool Work(LinuxFileHandle probe)
    {
        try
        {
            return Call(probe.Descriptor, FcntlCommand.F_GETLK, new LockRange(0, 1), LockType.F_RDLCK, out _)
                == Errno.None;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException
            or BadImageFormatException)
        {
            return false;
        }
    }

    internal override void Attach(LinuxFileHandle file, DeviceNumber device, ulong inode) =>
        file.Account = ProcessLockTable.Join(new InodeKey(device, inode));

    internal override LockResult TryLock(LinuxFileHandle file, LockRange range, LockKind kind) =>
        With(file, range, (account, descriptor) => account.TryLock(file, descriptor, range, kind));

    internal override LockResult Query(LinuxFileHandle file, LockRange range, LockKind kind) =>
        With(file, range, (account, descriptor) => account.Query(file, descriptor, range, kind));

    internal override LockResult Unlock(LinuxFileHandle file, LockRange range) =>
        With(file, range, (account, descriptor) => account.Unlock(file, descriptor, range));

    internal override void UnlockAll(LinuxFileHandle file) => Unlock(file, new LockRange(0, long.MaxValue));

    /// <summary>One call of fcntl(2).</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Call(int descriptor, FcntlCommand command, LockRange range, LockType type, out LockType found)
    {
        Flock request = new() { l_type = type, l_whence = SeekFlags.SEEK_SET, l_start = range.Offset, l_len = range.Length };
        int result = Syscall.fcntl(descriptor, command, ref request);
        found = request.l_type;
        return result == 0 ? Errno.None : Marshal.GetLastPInvokeError();
    }

    private static LockResult With(LinuxFileHandle file, LockRange range, Func<InodeLocks, int, LockResult> call)
    {
        if (!IsValid(range))
            return new LockResult(LockStatus.Failed, ShardError.TooLarge, Errno.Overflow);
        int descriptor = file.Hold();
        try
        {
            return call(file.Account!, descriptor);
        }
        finally
        {
            file.LetGo();
        }
    }
}
