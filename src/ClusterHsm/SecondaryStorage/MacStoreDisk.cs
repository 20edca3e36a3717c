using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>A store's disk on macOS. Objects are 0440 and folders 0750, less the process's umask, as on Linux.</summary>
/// <remarks>
/// Files are opened by <c>openat(2)</c> itself, because .NET's own opens take a whole-file flock. What is made durable is so by F_FULLFSYNC:
/// fsync(2) alone leaves it in the disk's cache.
/// </remarks>
internal sealed unsafe class MacStoreDisk(IDarwin darwin) : StoreDisk
{
    private const uint ObjectMode = 0x120; // 0440
    private const uint FolderMode = 0x1E8; // 0750

    public override SafeFileHandle CreateFile(string path)
    {
        int errno = Open(path, DarwinConstants.WriteOnly | DarwinConstants.Create | DarwinConstants.Exclusive, ObjectMode, out SafeFileHandle? file);
        return errno == DarwinErrno.None ? file! : throw Failure("make", path, errno);
    }

    public override SafeFileHandle? OpenFile(string path)
    {
        // O_NONBLOCK: a FIFO put in an object's place must not hold the opener for ever.
        int errno = Open(path, DarwinConstants.ReadOnly | DarwinConstants.NonBlocking, 0, out SafeFileHandle? file);
        return errno is DarwinErrno.None or DarwinErrno.NoEntry ? file : throw Failure("open", path, errno);
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(file, buffer, offset, cancellationToken);

    public override void FlushFile(SafeFileHandle file, string path) => Check(DarwinFlush.Durably(darwin, file), "make durable", path);

    public override void FlushDirectory(string path)
    {
        using SafeFileHandle directory = OpenFile(path) ?? throw Failure("open", path, DarwinErrno.NoEntry);
        FlushFile(directory, path);
    }

    /// <inheritdoc/>
    /// <remarks>renameatx_np(2) with RENAME_EXCL: APFS and HFS Plus know it. Elsewhere a link is refused just as atomically.</remarks>
    public override bool TryRename(string from, string to)
    {
        int answer;
        fixed (byte* old = Encode(from), made = Encode(to))
            answer = darwin.RenameAt(Darwin.CurrentDirectory, old, Darwin.CurrentDirectory, made, DarwinConstants.RenameExclusively);
        switch (-answer)
        {
            case <= DarwinErrno.None:
                return true;
            case DarwinErrno.Exists:
                return false;
            case DarwinErrno.Invalid or DarwinErrno.NoSystemCall or DarwinErrno.NotSupported:
                return LinkAndUnlink(from, to);
            case int errno:
                throw Failure("rename to", to, errno);
        }
    }

    public override LinkResult TryLink(string from, string to) => Link(from, to) switch
    {
        DarwinErrno.None => LinkResult.Done,
        DarwinErrno.Exists => LinkResult.NameTaken,
        DarwinErrno.NoEntry => LinkResult.NoSuchFile,
        DarwinErrno.NotPermitted or DarwinErrno.TooManyLinks or DarwinErrno.CrossDevice or DarwinErrno.NoSystemCall or DarwinErrno.NotSupported
            => LinkResult.NotSupported,
        int errno => throw Failure("link to", to, errno),
    };

    public override StoreFileInfo? GetInfo(string path)
    {
        DarwinStat facts;
        int answer;
        fixed (byte* name = Encode(path))
        {
            do
                answer = darwin.StatAt(Darwin.CurrentDirectory, name, &facts, DarwinConstants.StatNoFollow);
            while (answer == -DarwinErrno.Interrupted);
        }
        if (answer == -DarwinErrno.NoEntry)
            return null;
        Check(answer, "look at", path);
        return facts.Type == FileSystem.ShardEntryType.File
            ? new StoreFileInfo(facts.Size, facts.Changed.ToShardTimestamp().ToDateTimeOffset())
            : throw new StoreDiskException("use", path, 0, "it is not a regular file");
    }

    public override bool MakeDirectory(string path)
    {
        int answer;
        fixed (byte* name = Encode(path))
        {
            do
                answer = darwin.MakeDirectoryAt(Darwin.CurrentDirectory, name, FolderMode);
            while (answer == -DarwinErrno.Interrupted);
        }
        if (answer == -DarwinErrno.Exists)
            return false;
        Check(answer, "make", path);
        return true;
    }

    public override bool Delete(string path)
    {
        int answer;
        fixed (byte* name = Encode(path))
        {
            do
                answer = darwin.UnlinkAt(Darwin.CurrentDirectory, name);
            while (answer == -DarwinErrno.Interrupted);
        }
        if (answer == -DarwinErrno.NoEntry)
            return false;
        Check(answer, "delete", path);
        return true;
    }

    /// <summary>None: macOS flushes file by file.</summary>
    public override StoreBarrier? OpenBarrier(string directory) => null;

    /// <summary>The number by which the layers above know an error: Linux's. Below 35 the two are the same.</summary>
    internal static int ErrnoOf(int errno) => errno switch
    {
        DarwinErrno.NotSupported or DarwinErrno.NotSupportedOnSocket => StoreErrno.NotSupported,
        DarwinErrno.QuotaUsedUp => StoreErrno.QuotaExceeded,
        DarwinErrno.NoSystemCall => StoreErrno.NoSystemCall,
        _ => errno,
    };

    private static byte[] Encode(string path)
    {
        byte[] bytes = new byte[FileNameCoding.MaxByteCount(path.Length)];
        return bytes[..(FileNameCoding.Encode(path, bytes) + 1)];
    }

    private static StoreDiskException Failure(string operation, string path, int errno) =>
        new(operation, path, ErrnoOf(errno), DarwinErrors.Describe(errno));

    private static void Check(int answer, string operation, string path)
    {
        if (answer < 0)
            throw Failure(operation, path, -answer);
    }

    private int Open(string path, int flags, uint mode, out SafeFileHandle? file) =>
        BelowRoot.OpenAt(darwin, Darwin.CurrentDirectory, Encode(path), flags | DarwinConstants.NoFollow | DarwinConstants.CloseOnExec, mode, out file);

    private int Link(string from, string to)
    {
        int answer;
        fixed (byte* old = Encode(from), made = Encode(to))
            answer = darwin.LinkAt(Darwin.CurrentDirectory, old, Darwin.CurrentDirectory, made);
        return answer < 0 ? -answer : DarwinErrno.None;
    }

    private bool LinkAndUnlink(string from, string to)
    {
        int errno = Link(from, to);
        if (errno == DarwinErrno.Exists)
            return false;
        if (errno != DarwinErrno.None)
            throw Failure("link to", to, errno);
        Delete(from);
        return true;
    }
}
