using System.Text;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>What is done to names: look, list, make, remove, rename.</summary>
internal sealed unsafe partial class LinuxShardFileSystem
{
    /// <summary>A usual record fits; longer values cost a second call.</summary>
    private const int UsualAttributeBytes = 1024;

    private const uint OwnerMay = 0x1C0;
    private const uint SetGroupBit = 0x400;

    public ShardFileInfo? GetInfo(string path)
    {
        LinuxFileHandle file;
        try
        {
            file = OpenBeneath(path, LinuxConstants.PathOnly | LinuxConstants.NoFollow | LinuxConstants.CloseOnExec, 0, "look at");
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            return null;
        }
        using (file)
        {
            int errno = LinuxStat.Of(file, LinuxConstants.StatBasic, LinuxConstants.ForceSync, out StatxBuffer facts);
            if (errno != Errno.None)
                throw LinuxErrors.Failure("look at", FullPath(path), errno);
            ShardFileInfo info = facts.ToInfo(Device);
            // What is mounted below the root hides the shard's own files of that place, whatever its device.
            return facts.IsMountRoot && path.Length > 0 ? info with { Identity = info.Identity with { OnShardDevice = false } } : info;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The file is not opened for reading, so that nobody who keeps openers out is disturbed: its O_PATH descriptor is asked through
    /// /proc/self/fd, and only where that is missing the file is opened.
    /// </remarks>
    public byte[]? ReadAttribute(string path, string name)
    {
        string operation = $"read the attribute {name} of";
        Span<byte> encodedName = LinuxShardFile.EncodeAttributeName(name, stackalloc byte[256]);
        int errno;
        byte[]? value;
        using (LinuxFileHandle file = OpenRegular(path, LinuxConstants.PathOnly | LinuxConstants.CloseOnExec, 0, operation, out _))
            errno = ReadValue($"/proc/self/fd/{file.Descriptor}", null, encodedName, out value);
        if (errno == Errno.NoEntry)
        {
            using LinuxFileHandle opened = OpenRegular(path, OpenFlags | LinuxConstants.ReadOnly, 0, operation, out _);
            errno = ReadValue("", opened, encodedName, out value);
        }
        return errno switch
        {
            Errno.None => value,
            Errno.NoData => null,
            _ => throw LinuxErrors.AttributeFailure(operation, FullPath(path), errno),
        };
    }

    public IEnumerable<ShardEntry> ReadDirectory(string path)
    {
        using DirectoryStream stream = new(OpenDirectory(path, "list"), FullPath(path));
        int errno;
        while (stream.TryRead(out ShardEntry entry, out errno))
            yield return entry;
        if (errno != Errno.None)
            throw LinuxErrors.Failure("list", FullPath(path), errno);
    }

    public IFolderSurvey Survey(string path, string first, string second) =>
        new LinuxFolderSurvey(this, path, new DirectoryStream(OpenDirectory(path, "list"), FullPath(path)), first, second);

    /// <inheritdoc/>
    /// <remarks>Exactly these bits, whatever the umask, but for a set-group-ID bit that the parent directory hands down.</remarks>
    public bool CreateDirectory(string path, UnixFileMode mode)
    {
        const string operation = "make the directory";
        if (!TrySplit(path, out string parentPath, out string name))
            return GetInfo(path) is null ? throw LinuxErrors.PathFailure(operation, FullPath(path), Errno.NoEntry) : false;
        using LinuxFileHandle? opened = OpenParent(parentPath, operation, path);
        LinuxFileHandle parent = opened ?? _root;
        Span<byte> bytes = Encode(name);
        fixed (byte* pointer = bytes)
        {
            // The owner's bits are needed to open it and set the others.
            if (LinuxNative.MkDirAt(parent, pointer, ((uint)mode & LinuxConstants.PermissionMask) | OwnerMay) != 0)
            {
                int errno = LinuxNative.LastError;
                if (errno == Errno.Exists && IsDirectory(path))
                    return false;
                throw LinuxErrors.PathFailure(operation, FullPath(path), errno);
            }
            int descriptor = LinuxNative.OpenAt(parent, pointer,
                LinuxConstants.Directory | LinuxConstants.NoFollow | LinuxConstants.CloseOnExec, 0);
            if (descriptor < 0)
                throw LinuxErrors.PathFailure(operation, FullPath(path), LinuxNative.LastError);
            using LinuxFileHandle made = new(descriptor);
            int failure = LinuxStat.Of(made, LinuxConstants.StatMode, LinuxConstants.DoNotSync, out StatxBuffer facts);
            uint wanted = ((uint)mode & LinuxConstants.PermissionMask) | (facts.Mode & SetGroupBit);
            if (failure != Errno.None || ((facts.Mode & LinuxConstants.PermissionMask) != wanted && LinuxNative.FChmod(made, wanted) != 0))
                throw LinuxErrors.Failure("set the permissions of", FullPath(path), failure != Errno.None ? failure : LinuxNative.LastError);
            return true;
        }
    }

    public void Delete(string path)
    {
        const string operation = "delete";
        if (!TrySplit(path, out string parentPath, out string name))
            throw LinuxErrors.NotRegular(operation, FullPath(path), "it is a directory");
        try
        {
            using LinuxFileHandle? parent = OpenParent(parentPath, operation, path);
            fixed (byte* pointer = Encode(name))
            {
                if (LinuxNative.UnlinkAt(parent ?? _root, pointer, 0) != 0)
                    throw LinuxErrors.PathFailure(operation, FullPath(path), LinuxNative.LastError);
            }
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            // Nothing has this name: that is what was wanted.
        }
    }

    public void Rename(string from, string to)
    {
        string operation = $"rename to '{to}' the file";
        if (!TrySplit(from, out string fromParent, out string fromName))
            throw LinuxErrors.NotRegular(operation, FullPath(from), "it is a directory");
        if (!TrySplit(to, out string toParent, out string toName))
            throw LinuxErrors.NotRegular(operation, FullPath(from), "the new name is a directory's");
        using LinuxFileHandle? source = OpenParent(fromParent, operation, from);
        using LinuxFileHandle? target = OpenParent(toParent, "rename a file to", to);
        fixed (byte* oldName = Encode(fromName), newName = Encode(toName))
        {
            if (LinuxNative.RenameAt(source ?? _root, oldName, target ?? _root, newName) == 0)
                return;
            int errno = LinuxNative.LastError;
            throw errno switch
            {
                Errno.CrossDevice => new ShardIOException(ShardError.NotSupported, operation, FullPath(from),
                    "the two places are on different file systems", errno),
                Errno.IsDirectory => LinuxErrors.NotRegular(operation, FullPath(from), "a directory has the new name", errno),
                _ => LinuxErrors.PathFailure(operation, FullPath(from), errno),
            };
        }
    }

    public void FlushDirectory(string path)
    {
        using LinuxFileHandle directory = OpenDirectory(path, "flush");
        if (LinuxNative.FSync(directory) != 0 && LinuxNative.LastError is int errno
            && errno != Errno.Invalid) // EINVAL: this file system has nothing to flush of a directory (fsync(2))
            throw LinuxErrors.Failure("flush", FullPath(path), errno);
    }

    private static Span<byte> Encode(string text)
    {
        Span<byte> bytes = new byte[FileNameCoding.MaxByteCount(text.Length)];
        return bytes[..(FileNameCoding.Encode(text, bytes) + 1)];
    }

    /// <summary>Splits a path before its last name, unless there is none: the root, or one that ends in a dot or two.</summary>
    private static bool TrySplit(string path, out string parent, out string name)
    {
        string trimmed = path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        parent = slash < 0 ? "" : path[..(slash + 1)]; // with the slash: "/x" stays absolute and is refused
        name = trimmed[(slash + 1)..];
        return name is not ("" or "." or "..");
    }

    /// <summary>The directory to find a name in, or null if that is the root. A failure names <paramref name="path"/>.</summary>
    private LinuxFileHandle? OpenParent(string parent, string operation, string path)
    {
        if (parent.Length == 0)
            return null;
        try
        {
            return OpenBeneath(parent, LinuxConstants.PathOnly | LinuxConstants.Directory | LinuxConstants.CloseOnExec, 0, operation, path);
        }
        catch (ShardIOException e) when (e.NativeError == Errno.NoEntry)
        {
            throw new ShardIOException(e.Error, operation, FullPath(path), "the directory that it would be in is not there", e.NativeError);
        }
    }

    private bool IsDirectory(string path)
    {
        try
        {
            OpenBeneath(path, LinuxConstants.PathOnly | LinuxConstants.Directory | LinuxConstants.CloseOnExec, 0, "look at").Dispose();
            return true;
        }
        catch (ShardIOException)
        {
            return false;
        }
    }

    /// <summary>The whole value of an attribute, of a path or of an open file.</summary>
    private static int ReadValue(string procPath, LinuxFileHandle? file, ReadOnlySpan<byte> name, out byte[]? value)
    {
        Span<byte> link = stackalloc byte[64];
        link[Encoding.ASCII.GetBytes(procPath, link)] = 0;
        value = null;
        Span<byte> buffer = stackalloc byte[UsualAttributeBytes];
        fixed (byte* linkPointer = link, namePointer = name)
        {
            while (true)
            {
                nint length;
                fixed (byte* start = buffer)
                    length = Get(linkPointer, namePointer, start, buffer.Length);
                if (length >= 0)
                {
                    value = buffer[..(int)length].ToArray();
                    return Errno.None;
                }
                int errno = LinuxNative.LastError;
                if (errno != Errno.Range)
                    return errno;
                length = Get(linkPointer, namePointer, null, 0); // a size of 0 asks for the length; it may grow until the next turn
                if (length < 0)
                    return LinuxNative.LastError;
                buffer = new byte[Math.Max(1, (int)length)];
            }
        }

        nint Get(byte* path, byte* attribute, byte* start, int size) => file is null
            ? LinuxNative.GetXAttr(path, attribute, start, (nuint)size)
            : LinuxNative.FGetXAttr(file, attribute, start, (nuint)size);
    }
}
