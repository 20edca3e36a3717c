using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>A directory tree on macOS. Everything is opened relative to a descriptor of the root and stays below it.</summary>
/// <remarks>
/// A file whose data another storage manager keeps elsewhere (SF_DATALESS: iCloud Drive, File Provider) is seen as
/// <see cref="ShardFileInfo.IsOffline"/> and looked at without having it fetched: neither open(2) nor fstat(2) nor fgetxattr(2) reads data.
/// Whether reading it fetches the data or fails with EDEADLK is the process's policy (setiopolicy_np(3)), which is left as its owner has it.
/// </remarks>
internal sealed unsafe partial class MacShardFileSystem : IShardFileSystem
{
    private const int StackPathBytes = 512;

    /// <summary>O_NONBLOCK: a pipe does not hang the open.</summary>
    private const int OpenFlags = DarwinConstants.CloseOnExec | DarwinConstants.NoControllingTerminal | DarwinConstants.NonBlocking;

    private readonly SafeFileHandle _root;
    private readonly BelowRoot _below;
    private ShardCapabilities _capabilities;

    private MacShardFileSystem(string root, SafeFileHandle handle, IDarwin darwin)
    {
        Root = root;
        Darwin = darwin;
        _root = handle;
        _below = new BelowRoot(darwin, handle);
        Clock = new ContinuousTimeProvider(darwin);
        int errno = Ask(handle, out DarwinStat facts);
        if (errno != DarwinErrno.None)
            throw DarwinErrors.Failure("open the shard", root, errno);
        Device = facts.Device;
        errno = DarwinFileSystem.Explore(darwin, handle, out ShardCapabilities? capabilities, out long block);
        if (errno != DarwinErrno.None)
            throw DarwinErrors.Failure("open the shard", root, errno);
        _capabilities = capabilities!;
        BlockSize = block;
    }

    public string Root { get; }

    public TimeProvider Clock { get; }

    /// <inheritdoc/>
    /// <remarks>Whether holes can be punched is known by the file system's name or, failing that, by the first attempt.</remarks>
    public ShardCapabilities Capabilities => Volatile.Read(ref _capabilities);

    internal IDarwin Darwin { get; }

    /// <summary>st_dev of the root.</summary>
    internal int Device { get; }

    /// <summary>Of the file system, in bytes.</summary>
    internal long BlockSize { get; }

    /// <summary>Opens a directory as a shard.</summary>
    /// <param name="root">Its absolute path.</param>
    /// <param name="darwin">What tests put in the place of the system's calls; null for those.</param>
    /// <exception cref="ShardIOException">There is no such directory, or it cannot be read.</exception>
    internal static MacShardFileSystem Open(string root, IDarwin? darwin = null)
    {
        darwin ??= MacOS.Darwin.Instance;
        root = root.Length > 1 ? root.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : root;
        byte[] path = new byte[FileNameCoding.MaxByteCount(root.Length)];
        int length = FileNameCoding.Encode(root, path);
        int errno = BelowRoot.OpenAt(darwin, MacOS.Darwin.CurrentDirectory, path.AsSpan(0, length + 1),
            DarwinConstants.ReadOnly | DarwinConstants.Directory | DarwinConstants.CloseOnExec, 0, out SafeFileHandle? handle);
        if (errno != DarwinErrno.None)
            throw DarwinErrors.Failure("open the shard", root, errno);
        try
        {
            return new MacShardFileSystem(root, handle!, darwin);
        }
        catch
        {
            handle!.Dispose();
            throw;
        }
    }

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        int flags = FlagsOf(options);
        uint mode = (options & ShardOpenOptions.Create) != 0 ? (uint)creationMode & DarwinConstants.PermissionMask : 0;
        SafeFileHandle file = OpenRegular(path, flags, mode, "open", out FileIdentity identity);
        return new MacShardFile(this, file, path, identity, (options & ShardOpenOptions.Write) != 0);
    }

    /// <summary>Refused: macOS flushes file by file; sync(2) only begins to.</summary>
    /// <inheritdoc/>
    public void FlushAll() => throw new ShardIOException(ShardError.NotSupported, "flush all of", Root, "macOS has no barrier for a volume that tells of failures");

    /// <summary>Not known: leases are for Apple's own programs (<see cref="MacShardFile.TryExcludeOpeners"/>), and no call tells of others' writers.</summary>
    /// <inheritdoc/>
    public WriterPresence FindWriters(string path)
    {
        OpenRegular(path, OpenFlags | DarwinConstants.ReadOnly, 0, "look for writers of", out _).Dispose();
        return WriterPresence.Unknown;
    }

    public void Dispose() => _root.Dispose();

    /// <summary>
    /// Opens what a descriptor is open on by the name that the system knows of it now (F_GETPATH), or by its path, if that still leads to
    /// the same file: macOS cannot open by descriptor (/dev/fd duplicates).
    /// </summary>
    internal IShardFile Reopen(SafeFileHandle file, string path, FileIdentity identity, ShardOpenOptions options)
    {
        int flags = FlagsOf(options);
        if ((options & ~ShardOpenOptions.ReadWrite) != 0)
            throw new ArgumentException("A file that is open already cannot be created.", nameof(options));
        int byName = OpenByItsName(file, flags, out SafeFileHandle? opened);
        if (byName == DarwinErrno.None && IsSame(opened!, identity))
            return new MacShardFile(this, opened!, path, identity, (options & ShardOpenOptions.Write) != 0);
        int byPath = _below.Open(Encode(path), flags, 0, out opened);
        if (byPath == DarwinErrno.None && IsSame(opened!, identity))
            return new MacShardFile(this, opened!, path, identity, (options & ShardOpenOptions.Write) != 0);
        if (byPath is not (DarwinErrno.None or DarwinErrno.NoEntry or DarwinErrno.NotDirectory or DarwinErrno.LinkLoop or DarwinErrno.CrossDevice))
            throw DarwinErrors.PathFailure("open", FullPath(path), byPath);
        if (DarwinErrors.KindOf(byName) is ShardError.AccessDenied or ShardError.ReadOnly or ShardError.Temporary)
            throw DarwinErrors.Failure("open", FullPath(path), byName);
        throw new ShardIOException(ShardError.DeadHandle, "open", FullPath(path), "the file has no name any more, or another by now", byName);
    }

    internal string FullPath(string path) => path.Length == 0 ? Root : Root.EndsWith('/') ? Root + path : Root + "/" + path;

    internal void LearnThatHolesCannotBePunched() =>
        Volatile.Write(ref _capabilities, Capabilities with { CanPunchHoles = false });

    /// <summary>fstat(2).</summary>
    /// <returns>0, or the error number.</returns>
    internal int Ask(SafeHandle file, out DarwinStat facts)
    {
        int answer;
        fixed (DarwinStat* pointer = &facts)
        {
            do
                answer = Darwin.Stat(file, pointer);
            while (answer == -DarwinErrno.Interrupted);
        }
        return -answer;
    }

    private static int FlagsOf(ShardOpenOptions options)
    {
        if ((options & ShardOpenOptions.Exclusive) != 0 && (options & ShardOpenOptions.Create) == 0)
            throw new ArgumentException("Exclusive says something only together with Create.", nameof(options));
        int flags = (options & ShardOpenOptions.ReadWrite) switch
        {
            ShardOpenOptions.Read => DarwinConstants.ReadOnly,
            ShardOpenOptions.Write => DarwinConstants.WriteOnly,
            ShardOpenOptions.ReadWrite => DarwinConstants.ReadWrite,
            _ => throw new ArgumentException("A file is opened to read, to write, or both.", nameof(options)),
        };
        if ((options & ShardOpenOptions.Create) != 0)
            flags |= DarwinConstants.Create;
        if ((options & ShardOpenOptions.Exclusive) != 0)
            flags |= DarwinConstants.Exclusive;
        return flags | OpenFlags;
    }

    private int OpenByItsName(SafeFileHandle file, int flags, out SafeFileHandle? opened)
    {
        byte[] name = new byte[DarwinConstants.MaxPath];
        int answer;
        fixed (byte* pointer = name)
            answer = Darwin.Control(file, DarwinConstants.GetPath, (nint)pointer);
        opened = null;
        int end = Array.IndexOf(name, (byte)0);
        return answer < 0 ? -answer
            : end <= 0 ? DarwinErrno.NoEntry
            : BelowRoot.OpenAt(Darwin, MacOS.Darwin.CurrentDirectory, name.AsSpan(0, end + 1), flags, 0, out opened);
    }

    /// <summary>Whether a descriptor is of this file; closes it if not.</summary>
    private bool IsSame(SafeFileHandle opened, FileIdentity identity)
    {
        if (Ask(opened, out DarwinStat facts) == DarwinErrno.None && facts.Identity(Device) == identity)
            return true;
        opened.Dispose();
        return false;
    }
}
