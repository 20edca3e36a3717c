using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>A directory tree on Linux. Everything is opened relative to a descriptor of the root and stays below it.</summary>
internal sealed unsafe partial class LinuxShardFileSystem : IShardFileSystem, ISurveyedFileSystem
{
    private const int StackPathBytes = 512;

    // O_NONBLOCK: a pipe does not hang the open, and an open that another process's lease holds back fails at once (open(2)).
    private const int OpenFlags = LinuxConstants.CloseOnExec | LinuxConstants.NoControllingTerminal | LinuxConstants.NonBlocking;

    private readonly LinuxFileHandle _root;
    private readonly BeneathResolver _resolver;

    // Open for as long as the shard: syncfs(2) tells of what failed since its descriptor was opened. An O_PATH one is not good enough.
    private readonly LinuxFileHandle _barrier;
    private readonly Lock _flushing = new();
    private ShardIOException? _lost;
    private ShardCapabilities _capabilities;
    private volatile bool _usesXAttrAt;
    private volatile bool _asksClient;

    private LinuxShardFileSystem(string root, LinuxFileHandle handle, LinuxShardOptions options)
    {
        Root = root;
        _root = handle;
        _resolver = new BeneathResolver(handle, options.UseOpenAt2);
        int errno = LinuxStat.Of(handle, LinuxConstants.StatType | LinuxConstants.StatMountId, 0, out StatxBuffer facts);
        if (errno != Errno.None)
            throw LinuxErrors.Failure("open the shard", root, errno);
        Device = facts.Device;
        _barrier = OpenDirectory("", "open the shard");
        Locks = CapabilityProbe.ChooseLocks(_barrier, options.LockDriver);
        _capabilities = CapabilityProbe.Explore(_barrier, facts, root, Locks.Driver);
        if (options.ListsAttributes is { } lists)
            _capabilities = _capabilities with { ListsAttributes = lists };
        _usesXAttrAt = options.UseXAttrAt ?? true;
        _asksClient = CephClient.Is(_capabilities.FileSystemType);
    }

    public string Root { get; }

    public TimeProvider Clock => BootTimeProvider.Instance;

    /// <inheritdoc/>
    /// <remarks>
    /// Whether holes can be punched is known by the file system's name or, failing that, by the first attempt; what a client of CephFS
    /// caches, from the first file that is opened for reading.
    /// </remarks>
    public ShardCapabilities Capabilities => Volatile.Read(ref _capabilities);

    internal RangeLocks Locks { get; }

    internal DeviceNumber Device { get; }

    /// <summary>
    /// Whether getxattrat(2) and listxattrat(2) are tried: they came with Linux 6.13, and sandboxes refuse what they do not know with EPERM.
    /// </summary>
    internal bool UsesXAttrAt { get => _usesXAttrAt; set => _usesXAttrAt = value; }

    internal bool UsesOpenAt2 => _resolver.UsesOpenAt2;

    /// <summary>Opens a directory as a shard.</summary>
    /// <param name="root">Its absolute path.</param>
    /// <param name="options">What tests choose instead of asking the machine.</param>
    /// <exception cref="ShardIOException">There is no such directory, or it cannot be read.</exception>
    internal static LinuxShardFileSystem Open(string root, LinuxShardOptions options = default)
    {
        root = root.Length > 1 ? root.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : root;
        byte[] path = new byte[FileNameCoding.MaxByteCount(root.Length)];
        FileNameCoding.Encode(root, path);
        int descriptor;
        fixed (byte* pointer = path)
            descriptor = LinuxNative.Open(pointer, LinuxConstants.PathOnly | LinuxConstants.Directory | LinuxConstants.CloseOnExec, 0);
        if (descriptor < 0)
            throw LinuxErrors.Failure("open the shard", root, LinuxNative.LastError);
        LinuxFileHandle handle = new(descriptor);
        try
        {
            return new LinuxShardFileSystem(root, handle, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        int flags = FlagsOf(options);
        uint mode = (options & ShardOpenOptions.Create) != 0 ? (uint)creationMode & LinuxConstants.PermissionMask : 0;
        LinuxFileHandle file = OpenRegular(path, flags, mode, "open", out FileIdentity identity);
        if (_asksClient && (options & ShardOpenOptions.Read) != 0)
            LearnWhatTheClientCaches(file);
        return new LinuxShardFile(this, file, path, identity, (options & ShardOpenOptions.Write) != 0);
    }

    public void FlushAll()
    {
        lock (_flushing)
        {
            // The kernel tells of a failure once, and whose write it was nobody knows: all who come after are told too.
            if (_lost is { } lost)
                throw new ShardIOException(lost.Error, lost.Operation, lost.Path, "an earlier flush failed, and what was lost is not known", lost.NativeError);
            if (LinuxNative.SyncFs(_barrier) == 0)
                return;
            _lost = LinuxErrors.Failure("flush", Root, LinuxNative.LastError);
            throw _lost;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A read lease is taken and given back at once: the kernel refuses it while the file is open for writing (fcntl(2)). Unknown where
    /// this process neither owns the file nor has CAP_LEASE, or may not read it.
    /// </remarks>
    public WriterPresence FindWriters(string path)
    {
        LinuxFileHandle file;
        try
        {
            file = OpenRegular(path, OpenFlags | LinuxConstants.ReadOnly, 0, "look for writers of", out _);
        }
        catch (ShardIOException e) when (e.Error is ShardError.Busy or ShardError.AccessDenied)
        {
            return WriterPresence.Unknown;
        }
        using (file)
        {
            int errno = LinuxLease.Take(file, LinuxConstants.SharedLock);
            if (errno == Errno.None)
                LinuxLease.GiveBack(file);
            return errno switch
            {
                Errno.None => WriterPresence.None,
                Errno.Again when LinuxLease.RefusalTellsOfOpeners(Capabilities.FileSystemType) => WriterPresence.Present,
                _ => WriterPresence.Unknown,
            };
        }
    }

    public void Dispose()
    {
        _barrier.Dispose();
        _root.Dispose();
    }

    /// <summary>
    /// Opens what a descriptor is open on, through its entry in <c>/proc/self/fd</c> (proc(5)); where there is no <c>/proc</c>, or it is
    /// closed to a process that has changed its user, by its path, if that still leads to the same inode.
    /// </summary>
    internal IShardFile Reopen(LinuxFileHandle file, string path, FileIdentity identity, ShardOpenOptions options)
    {
        int flags = FlagsOf(options);
        if ((options & ~ShardOpenOptions.ReadWrite) != 0)
            throw new ArgumentException("A file that is open already cannot be created.", nameof(options));
        Span<byte> entry = stackalloc byte[32];
        Utf8.TryWrite(entry, CultureInfo.InvariantCulture, $"/proc/self/fd/{file.Hold()}\0", out _);
        int descriptor;
        fixed (byte* pointer = entry)
            descriptor = LinuxNative.Open(pointer, flags, 0);
        int errno = LinuxNative.LastError;
        file.LetGo();
        if (descriptor >= 0)
        {
            LinuxFileHandle opened = TakeRegular(descriptor, flags, path, "open", out FileIdentity found);
            return new LinuxShardFile(this, opened, path, found, (options & ShardOpenOptions.Write) != 0);
        }
        if (errno is not (Errno.NoEntry or Errno.AccessDenied))
            throw LinuxErrors.Failure("open", FullPath(path), errno);
        IShardFile byName = Open(path, options);
        if (byName.Identity == identity)
            return byName;
        byName.Dispose();
        throw LinuxErrors.Failure("open", FullPath(path), errno);
    }

    internal string FullPath(string path) => path.Length == 0 ? Root : Root == "/" ? "/" + path : Root + "/" + path;

    internal void LearnThatHolesCannotBePunched() =>
        Volatile.Write(ref _capabilities, Capabilities with { CanPunchHoles = false });

    private void LearnWhatTheClientCaches(LinuxFileHandle file)
    {
        Volatile.Write(ref _capabilities, Capabilities with { CacheFault = CephClient.FindFault(file) });
        _asksClient = false;
    }

    private static int FlagsOf(ShardOpenOptions options)
    {
        if ((options & ShardOpenOptions.Exclusive) != 0 && (options & ShardOpenOptions.Create) == 0)
            throw new ArgumentException("Exclusive says something only together with Create.", nameof(options));
        int flags = (options & ShardOpenOptions.ReadWrite) switch
        {
            ShardOpenOptions.Read => LinuxConstants.ReadOnly,
            ShardOpenOptions.Write => LinuxConstants.WriteOnly,
            ShardOpenOptions.ReadWrite => LinuxConstants.ReadWrite,
            _ => throw new ArgumentException("A file is opened to read, to write, or both.", nameof(options)),
        };
        if ((options & ShardOpenOptions.Create) != 0)
            flags |= LinuxConstants.Create;
        if ((options & ShardOpenOptions.Exclusive) != 0)
            flags |= LinuxConstants.Exclusive;
        return flags | OpenFlags;
    }

    /// <summary>Opens a path; the caller closes. A failure names <paramref name="shown"/>, by default the path.</summary>
    private LinuxFileHandle OpenBeneath(string path, int flags, uint mode, string operation, string? shown = null) =>
        new(OpenDescriptor(path, flags, mode, operation, shown ?? path));

    [SkipLocalsInit] // the encoder fills what the kernel reads
    private int OpenDescriptor(string path, int flags, uint mode, string operation, string shown)
    {
        int room = FileNameCoding.MaxByteCount(path.Length);
        Span<byte> bytes = room <= StackPathBytes ? stackalloc byte[StackPathBytes] : new byte[room];
        int length = FileNameCoding.Encode(path, bytes);
        int errno = _resolver.Open(bytes[..(length + 1)], flags, mode, out int descriptor);
        return errno == Errno.None ? descriptor : throw LinuxErrors.PathFailure(operation, FullPath(shown), errno);
    }

    private LinuxFileHandle OpenDirectory(string path, string operation)
    {
        try
        {
            return OpenBeneath(path, LinuxConstants.Directory | LinuxConstants.ReadOnly | LinuxConstants.CloseOnExec, 0, operation);
        }
        catch (ShardIOException e) when (e.NativeError == Errno.NotDirectory)
        {
            // The same number for a file in the middle of the path and for one at its end.
            throw GetInfo(path) is null ? e : LinuxErrors.NotRegular(operation, FullPath(path), "it is not a directory", e.NativeError);
        }
    }

    private LinuxFileHandle OpenRegular(string path, int flags, uint mode, string operation, out FileIdentity identity) =>
        TakeRegular(OpenDescriptor(path, flags, mode, operation, path), flags, path, operation, out identity);

    /// <summary>Makes sure that a descriptor is a regular file's, and closes it if not.</summary>
    [SkipLocalsInit] // the kernel fills the facts
    private LinuxFileHandle TakeRegular(int descriptor, int flags, string path, string operation, out FileIdentity identity)
    {
        // Identity and type are in the inode that the open has just brought, so that no server is asked.
        int errno = LinuxStat.Of(descriptor, LinuxConstants.StatType | LinuxConstants.StatInode, LinuxConstants.DoNotSync,
            out StatxBuffer facts);
        if (errno != Errno.None || facts.Type != ShardEntryType.File)
        {
            LinuxNative.Close(descriptor);
            throw errno != Errno.None
                ? LinuxErrors.Failure(operation, FullPath(path), errno)
                : LinuxErrors.NotRegular(operation, FullPath(path),
                    facts.Type == ShardEntryType.Directory ? "it is a directory" : "it is a device, a pipe or a socket");
        }
        LinuxFileHandle file = new(descriptor);
        if ((flags & LinuxConstants.PathOnly) == 0) // closing an O_PATH descriptor drops no locks
            Locks.Attach(file, facts.Device, facts.Inode);
        identity = new FileIdentity(facts.Inode, facts.Device == Device);
        return file;
    }
}

/// <summary>What the machine is not asked for. Default: everything is asked.</summary>
/// <param name="UseOpenAt2">Whether openat2(2) is used.</param>
/// <param name="LockDriver">Which locks are used.</param>
/// <param name="UseXAttrAt">Whether getxattrat(2) is tried.</param>
/// <param name="ListsAttributes">Whether lists of attributes are taken for whole.</param>
internal readonly record struct LinuxShardOptions(
    bool? UseOpenAt2 = null, LockDriver? LockDriver = null, bool? UseXAttrAt = null, bool? ListsAttributes = null);
