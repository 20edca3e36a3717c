using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>A store's disk on Linux.</summary>
/// <remarks>
/// Files are opened by <c>open(2)</c> itself, because .NET's own opens take a whole-file flock, which costs a round trip on a
/// network file system and can be refused there. Objects are 0440 and folders 0750, less the process's umask: nobody changes an
/// object by accident, the store's group may read, others may not.
/// </remarks>
internal class LinuxStoreDisk : StoreDisk
{
    private const uint ObjectMode = 0x120; // 0440
    private const uint FolderMode = 0x1E8; // 0750

    private const int ReadOnly = 0, WriteOnly = 1, Create = 0x40, Exclusive = 0x80, NonBlock = 0x800, CloseOnExec = 0x80000;

    // <asm/fcntl.h>: these machines have a value of their own.
    private static readonly int s_noFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le or Architecture.Armv6 ? 0x8000 : 0x20000;

    // File systems whose sync_fs is known to cover all data and names, by statfs(2)'s magic numbers. FUSE and network file
    // systems are not here: there syncfs need not reach the server.
    private static readonly long[] s_trustedBarriers = [0xEF53 /* ext */, 0x58465342 /* xfs */, 0x9123683E /* btrfs */, 0xF2F52010 /* f2fs */, 0x01021994 /* tmpfs */];

    public override SafeFileHandle CreateFile(string path)
    {
        while (true)
        {
            int descriptor = StoreNative.Open(path, WriteOnly | Create | Exclusive | CloseOnExec | s_noFollow, ObjectMode);
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            ThrowUnlessInterrupted("make", path);
        }
    }

    public override SafeFileHandle? OpenFile(string path)
    {
        while (true)
        {
            // NonBlock: a FIFO put in an object's place must not hold the opener for ever.
            int descriptor = StoreNative.Open(path, ReadOnly | NonBlock | CloseOnExec | s_noFollow, 0);
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            if (Marshal.GetLastPInvokeError() == StoreErrno.NoEntry)
                return null;
            ThrowUnlessInterrupted("open", path);
        }
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(file, buffer, offset, cancellationToken);

    public override void FlushFile(SafeFileHandle file, string path) => Flush(file, path);

    public override void FlushDirectory(string path)
    {
        using SafeFileHandle directory = OpenFile(path) ?? throw Failure("open", path, StoreErrno.NoEntry);
        Flush(directory, path);
    }

    public override bool TryRename(string from, string to)
    {
        switch (RenameWithoutReplacing(from, to))
        {
            case 0:
                return true;
            case StoreErrno.Exists:
                return false;
            case StoreErrno.Invalid or StoreErrno.NoSystemCall or StoreErrno.NotSupported:
                // NFS and some FUSE file systems know no flags: a link is refused just as atomically if the name is taken.
                return LinkAndUnlink(from, to);
            case int error:
                throw Failure("rename to", to, error);
        }
    }

    public override LinkResult TryLink(string from, string to)
    {
        if (StoreNative.Link(from, to) == 0)
            return LinkResult.Done;
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            StoreErrno.Exists => LinkResult.NameTaken,
            StoreErrno.NoEntry => LinkResult.NoSuchFile,
            // EPERM: no links here, or fs.protected_hardlinks; EMLINK: too many names; EXDEV: another mount.
            StoreErrno.NotPermitted or StoreErrno.TooManyLinks or StoreErrno.OtherDevice or StoreErrno.NoSystemCall or StoreErrno.NotSupported
                => LinkResult.NotSupported,
            _ => throw Failure("link to", to, error),
        };
    }

    public override StoreFileInfo? GetInfo(string path)
    {
        const int noFollow = 0x100;        // AT_SYMLINK_NOFOLLOW
        const uint wanted = 0x1 | 0x2 | 0x80 | 0x200; // STATX_TYPE | STATX_MODE | STATX_CTIME | STATX_SIZE
        Span<byte> buffer = stackalloc byte[256];
        while (StoreNative.Statx(StoreNative.CurrentDirectory, path, noFollow, wanted, buffer) != 0)
        {
            if (Marshal.GetLastPInvokeError() == StoreErrno.NoEntry)
                return null;
            ThrowUnlessInterrupted("look at", path);
        }
        return FromStatx(buffer, path);
    }

    public override bool MakeDirectory(string path)
    {
        while (StoreNative.MakeDirectory(path, FolderMode) != 0)
        {
            if (Marshal.GetLastPInvokeError() == StoreErrno.Exists)
                return false;
            ThrowUnlessInterrupted("make", path);
        }
        return true;
    }

    public override bool Delete(string path)
    {
        while (StoreNative.Unlink(path) != 0)
        {
            if (Marshal.GetLastPInvokeError() == StoreErrno.NoEntry)
                return false;
            ThrowUnlessInterrupted("delete", path);
        }
        return true;
    }

    public override StoreBarrier? OpenBarrier(string directory)
    {
        // Before Linux 5.8 syncfs(2) does not tell of writes that failed.
        if (IntPtr.Size != 8 || Environment.OSVersion.Version < new Version(5, 8))
            return null;
        SafeFileHandle handle = OpenFile(directory) ?? throw Failure("open", directory, StoreErrno.NoEntry);
        Span<byte> facts = stackalloc byte[256];
        if (StoreNative.FileSystemFacts(handle, facts) == 0 && s_trustedBarriers.Contains(MemoryMarshal.Read<long>(facts)))
            return new LinuxStoreBarrier(handle, directory);
        handle.Dispose();
        return null;
    }

    internal static StoreDiskException Failure(string operation, string path, int error) =>
        new(operation, path, error, Marshal.GetPInvokeErrorMessage(error));

    // The layout of struct statx is the same on every machine (statx(2), <linux/stat.h>).
    private static StoreFileInfo FromStatx(ReadOnlySpan<byte> statx, string path)
    {
        const int typeMask = 0xF000, regular = 0x8000;
        if ((MemoryMarshal.Read<ushort>(statx[28..]) & typeMask) != regular)
            throw new StoreDiskException("use", path, 0, "it is not a regular file");
        long seconds = MemoryMarshal.Read<long>(statx[96..]);
        uint nanoseconds = MemoryMarshal.Read<uint>(statx[104..]);
        return new StoreFileInfo(MemoryMarshal.Read<long>(statx[40..]), DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100));
    }

    private static bool LinkAndUnlink(string from, string to)
    {
        if (StoreNative.Link(from, to) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == StoreErrno.Exists ? false : throw Failure("link to", to, error);
        }
        StoreNative.Unlink(from);
        return true;
    }

    /// <returns>0, or the error number.</returns>
    protected virtual int RenameWithoutReplacing(string from, string to)
    {
        const uint noReplace = 1;
        try
        {
            return StoreNative.Rename(StoreNative.CurrentDirectory, from, StoreNative.CurrentDirectory, to, noReplace) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            // musl has had it only since 1.2.6.
            return StoreErrno.NoSystemCall;
        }
    }

    private static void Flush(SafeFileHandle handle, string path)
    {
        while (StoreNative.Flush(handle) != 0)
            ThrowUnlessInterrupted("make durable", path);
    }

    private static void ThrowUnlessInterrupted(string operation, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        if (error != StoreErrno.Interrupted)
            throw Failure(operation, path, error);
    }
}

/// <summary><c>syncfs(2)</c> on one descriptor that stays open: each descriptor is told of each failed write once.</summary>
internal sealed class LinuxStoreBarrier(SafeFileHandle directory, string path) : StoreBarrier
{
    public override void Flush()
    {
        while (StoreNative.FlushFileSystem(directory) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != StoreErrno.Interrupted)
                throw LinuxStoreDisk.Failure("make durable", path, error);
        }
    }

    public override void Dispose() => directory.Dispose();
}
