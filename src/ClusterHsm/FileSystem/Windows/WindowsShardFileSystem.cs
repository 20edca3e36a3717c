using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>A directory tree on Windows. Everything is opened relative to a handle of the root and stays below it.</summary>
/// <remarks>
/// Permission bits of new files and directories are not kept: they get the access control list that their directory hands down. Names are
/// UTF-16 and found whatever their case, as the volume does it.
/// </remarks>
internal sealed partial class WindowsShardFileSystem : IShardFileSystem
{
    private const uint DataOptions = WindowsConstants.NonDirectoryFile;

    private readonly SafeFileHandle _root;
    private readonly BelowRoot _below;
    private ShardCapabilities _capabilities;

    private WindowsShardFileSystem(string root, SafeFileHandle handle, VolumeFeatures features)
    {
        Root = root;
        _root = handle;
        _below = new BelowRoot(handle, features);
        Features = features;
        int error = VolumeProbe.Explore(handle, features, out ulong volume, out ShardCapabilities? capabilities);
        if (error != Win32Error.None)
            throw WindowsErrors.Failure("open the shard", root, error);
        Volume = volume;
        _capabilities = capabilities!;
    }

    /// <inheritdoc/>
    /// <remarks>With <c>/</c> between names, as the paths below it; Windows takes either.</remarks>
    public string Root { get; }

    public TimeProvider Clock => InterruptTimeProvider.Instance;

    /// <inheritdoc/>
    /// <remarks>Whether holes can be punched is known by the volume's flags or, failing that, by the first attempt.</remarks>
    public ShardCapabilities Capabilities => Volatile.Read(ref _capabilities);

    /// <summary>The volume's serial number.</summary>
    internal ulong Volume { get; }

    internal VolumeFeatures Features { get; }

    /// <summary>Opens a directory as a shard.</summary>
    /// <param name="root">Its absolute path, as <see cref="System.IO.Path.GetFullPath(string)"/> makes it.</param>
    /// <param name="features">What tests put in the place of the volume's own; null for those.</param>
    /// <exception cref="ShardIOException">There is no such directory, or it cannot be read.</exception>
    internal static WindowsShardFileSystem Open(string root, VolumeFeatures? features = null)
    {
        string shown = root.Replace('\\', '/');
        shown = shown.Length > "C:/".Length ? shown.TrimEnd('/') : shown;
        SafeFileHandle handle = WindowsNative.CreateFile(WindowsName.WithoutLengthLimit(root), WindowsConstants.ListDirectory | WindowsConstants.Traverse
            | WindowsConstants.ReadAttributes | WindowsConstants.Synchronize, WindowsConstants.ShareAll, 0, WindowsConstants.Win32OpenExisting,
            WindowsConstants.BackupSemantics, 0);
        if (handle.IsInvalid)
            throw WindowsErrors.PathFailure("open the shard", shown, WindowsNative.LastError);
        try
        {
            return new WindowsShardFileSystem(shown, handle, features ?? NtfsFeatures.Instance);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        uint access = AccessOf(options);
        uint disposition = (options & ShardOpenOptions.Exclusive) != 0 ? WindowsConstants.CreateNew
            : (options & ShardOpenOptions.Create) != 0 ? WindowsConstants.OpenOrCreate
            : WindowsConstants.OpenThere;
        SafeFileHandle file = OpenBelow(path, access, disposition, DataOptions, "open");
        return new WindowsShardFile(this, file, path, Identify(file, path, "open"), options);
    }

    /// <summary>Refused: Windows has no call that makes a whole volume durable without the rights of an administrator.</summary>
    /// <inheritdoc/>
    public void FlushAll() => throw new ShardIOException(ShardError.NotSupported, "flush all of", Root, "Windows has no barrier for a volume that every program may use");

    /// <inheritdoc/>
    /// <remarks>
    /// The file is opened for reading in a way that shares it with no writer, which is refused while there is one. A program that opens it
    /// for writing in that instant is refused in its turn. A mapping whose handle is closed already is not seen.
    /// </remarks>
    public WriterPresence FindWriters(string path)
    {
        int error = _below.Open(path, WindowsConstants.ReadData, WindowsConstants.OpenThere, DataOptions | WindowsConstants.OpenNoRecall,
            out SafeFileHandle file, WindowsConstants.ShareRead | WindowsConstants.ShareDelete);
        using (file)
        {
            return error switch
            {
                Win32Error.None => WriterPresence.None,
                Win32Error.SharingViolation => WriterPresence.Present,
                Win32Error.AccessDenied => WriterPresence.Unknown,
                _ => throw WindowsErrors.PathFailure("look for writers of", FullPath(path), error),
            };
        }
    }

    public void Dispose() => _root.Dispose();

    /// <summary>Opens the file of a handle anew; where the system cannot, by its path, if that still leads to the same file.</summary>
    internal IShardFile Reopen(SafeFileHandle file, string path, FileIdentity identity, ShardOpenOptions options)
    {
        uint access = AccessOf(options);
        if ((options & ~ShardOpenOptions.ReadWrite) != 0)
            throw new ArgumentException("A file that is open already cannot be created.", nameof(options));
        int error = RelativeOpen.Open(file, "", access, WindowsConstants.OpenThere, DataOptions, out SafeFileHandle opened);
        if (error == Win32Error.None)
        {
            FileIdentity found = Identify(opened, path, "open");
            if (found == identity)
                return new WindowsShardFile(this, opened, path, found, options);
            opened.Dispose(); // not a system that opens by handle: this is what has the name now
            throw Gone(Win32Error.None);
        }
        if (error == Win32Error.DeletePending)
            throw Gone(error);
        if (!Win32Error.IsUnknownCall(error) && error is not (Win32Error.PathNotFound or Win32Error.FileNotFound or Win32Error.InvalidHandle))
            throw WindowsErrors.Failure("open", FullPath(path), error);
        IShardFile byName;
        try
        {
            byName = Open(path, options);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            throw Gone(e.NativeError);
        }
        if (byName.Identity == identity)
            return byName;
        byName.Dispose();
        throw Gone(error);

        ShardIOException Gone(int error) => new(ShardError.DeadHandle, "open", FullPath(path), "the file has no name any more, or another by now", error);
    }

    internal string FullPath(string path) => path.Length == 0 ? Root : Root.EndsWith('/') ? Root + path : Root + "/" + path;

    internal void LearnThatHolesCannotBePunched() =>
        Volatile.Write(ref _capabilities, Capabilities with { CanPunchHoles = false });

    private static uint AccessOf(ShardOpenOptions options)
    {
        if ((options & ShardOpenOptions.Exclusive) != 0 && (options & ShardOpenOptions.Create) == 0)
            throw new ArgumentException("Exclusive says something only together with Create.", nameof(options));
        uint access = 0;
        if ((options & ShardOpenOptions.Read) != 0)
            access |= WindowsConstants.ReadData | WindowsConstants.ReadAttributes;
        if ((options & ShardOpenOptions.Write) != 0)
            access |= WindowsConstants.WriteData | WindowsConstants.ReadAttributes | WindowsConstants.WriteAttributes;
        return access != 0 ? access : throw new ArgumentException("A file is opened to read, to write, or both.", nameof(options));
    }

    private SafeFileHandle OpenBelow(string path, uint access, uint disposition, uint options, string operation)
    {
        int error = _below.Open(path, access, disposition, options, out SafeFileHandle file);
        return error == Win32Error.None ? file : throw PathFailure(operation, path, error);
    }

    private ShardIOException PathFailure(string operation, string path, int error) =>
        WindowsErrors.PathFailure(operation, FullPath(path), error);

    private FileIdentity Identify(SafeFileHandle file, string path, string operation)
    {
        int error = WindowsFacts.AskIdentity(file, Volume, out FileIdentity identity);
        if (error == Win32Error.None)
            return identity;
        file.Dispose();
        throw WindowsErrors.Failure(operation, FullPath(path), error);
    }
}
