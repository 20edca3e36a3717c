using ClusterHsm.FileSystem.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>What is done to names: look, list, make, remove, rename.</summary>
internal sealed unsafe partial class MacShardFileSystem
{
    /// <summary>A usual record fits; longer values cost two more calls.</summary>
    private const int UsualAttributeBytes = 1024;

    private const uint OwnerMay = 0x1C0;
    private const uint SetGroupBit = 0x400;

    /// <inheritdoc/>
    /// <remarks>Nothing is opened, so that no permission to read is needed.</remarks>
    public ShardFileInfo? GetInfo(string path)
    {
        int errno = _below.Look(Encode(path), out DarwinStat facts);
        if (errno == DarwinErrno.None)
            return facts.ToInfo(Device);
        ShardIOException failure = DarwinErrors.PathFailure("look at", FullPath(path), errno);
        return failure.Error == ShardError.NotFound ? null : throw failure;
    }

    public bool IsOffline(string path) => GetInfo(path) is { IsOffline: true };

    public byte[]? ReadAttribute(string path, string name)
    {
        string operation = $"read the attribute {name} of";
        bool isKnown = MacShardFile.TryEncode(name, out byte[] key);
        using SafeFileHandle file = OpenRegular(path, OpenFlags | DarwinConstants.ReadOnly, 0, operation, out _);
        if (!isKnown)
            return null;
        int errno = MacShardFile.ReadWhole(Darwin, file, key, new byte[UsualAttributeBytes], out byte[]? value);
        return errno switch
        {
            DarwinErrno.None => value,
            DarwinErrno.NoAttribute => null,
            _ => throw DarwinErrors.AttributeFailure(operation, FullPath(path), errno),
        };
    }

    public IEnumerable<ShardEntry> ReadDirectory(string path)
    {
        using DarwinDirectory directory = new(Darwin, OpenDirectory(path, "list"), FullPath(path));
        int errno;
        while (directory.TryRead(out ShardEntry entry, out errno))
            yield return entry;
        if (errno != DarwinErrno.None)
            throw DarwinErrors.Failure("list", FullPath(path), errno);
    }

    /// <inheritdoc/>
    /// <remarks>Exactly these bits, whatever the umask, but for a set-group-ID bit that the parent directory hands down.</remarks>
    public bool CreateDirectory(string path, UnixFileMode mode)
    {
        const string operation = "make the directory";
        if (!TrySplit(path, out string parentPath, out string name))
            return GetInfo(path) is null ? throw DarwinErrors.PathFailure(operation, FullPath(path), DarwinErrno.NoEntry) : false;
        using SafeFileHandle? opened = OpenParent(parentPath, operation, path);
        byte[] bytes = Encode(name);
        int answer;
        fixed (byte* pointer = bytes)
            answer = Darwin.MakeDirectoryAt(opened ?? _root, pointer, ((uint)mode & DarwinConstants.PermissionMask) | OwnerMay); // to open it
        if (answer == -DarwinErrno.Exists && IsDirectory(path))
            return false;
        if (answer < 0)
            throw DarwinErrors.PathFailure(operation, FullPath(path), -answer);
        int errno = BelowRoot.OpenAt(Darwin, opened ?? _root, bytes,
            DarwinConstants.Directory | DarwinConstants.NoFollow | DarwinConstants.CloseOnExec, 0, out SafeFileHandle? made);
        if (errno != DarwinErrno.None)
            throw DarwinErrors.PathFailure(operation, FullPath(path), errno);
        using (made)
        {
            errno = Ask(made!, out DarwinStat facts);
            uint wanted = ((uint)mode & DarwinConstants.PermissionMask) | (facts.Mode & SetGroupBit);
            if (errno == DarwinErrno.None && (facts.Mode & DarwinConstants.PermissionMask) != wanted)
                errno = -Darwin.SetMode(made!, wanted);
            return errno <= DarwinErrno.None ? true : throw DarwinErrors.Failure("set the permissions of", FullPath(path), errno);
        }
    }

    /// <inheritdoc/>
    /// <remarks>What is a directory is asked first: unlink(2) says of one what it says of a missing permission.</remarks>
    public void Delete(string path)
    {
        const string operation = "delete";
        if (!TrySplit(path, out string parentPath, out string name) || GetInfo(path) is { Type: ShardEntryType.Directory })
            throw DarwinErrors.NotRegular(operation, FullPath(path), "it is a directory");
        try
        {
            using SafeFileHandle? parent = OpenParent(parentPath, operation, path);
            int answer;
            fixed (byte* pointer = Encode(name))
                answer = Darwin.UnlinkAt(parent ?? _root, pointer);
            if (answer < 0)
                throw DarwinErrors.PathFailure(operation, FullPath(path), -answer);
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
            throw DarwinErrors.NotRegular(operation, FullPath(from), "it is a directory");
        if (!TrySplit(to, out string toParent, out string toName))
            throw DarwinErrors.NotRegular(operation, FullPath(from), "the new name is a directory's");
        using SafeFileHandle? source = OpenParent(fromParent, operation, from);
        using SafeFileHandle? target = OpenParent(toParent, "rename a file to", to);
        int answer;
        fixed (byte* oldName = Encode(fromName), newName = Encode(toName))
            answer = Darwin.RenameAt(source ?? _root, oldName, target ?? _root, newName, 0);
        if (answer >= 0)
            return;
        throw -answer switch
        {
            DarwinErrno.CrossDevice => new ShardIOException(ShardError.NotSupported, operation, FullPath(from),
                "the two places are on different file systems", -answer),
            DarwinErrno.IsDirectory => DarwinErrors.NotRegular(operation, FullPath(from), "a directory has the new name", -answer),
            _ => DarwinErrors.PathFailure(operation, FullPath(from), -answer),
        };
    }

    public void FlushDirectory(string path)
    {
        using SafeFileHandle directory = OpenDirectory(path, "flush");
        int answer = DarwinFlush.Durably(Darwin, directory);
        if (answer is < 0 and not -DarwinErrno.Invalid) // EINVAL: this file system has nothing to flush of a directory (fsync(2))
            throw DarwinErrors.Failure("flush", FullPath(path), -answer);
    }

    private static byte[] Encode(string text)
    {
        byte[] bytes = new byte[FileNameCoding.MaxByteCount(text.Length)];
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

    /// <summary>Opens a path; the caller closes. A failure names <paramref name="shown"/>, by default the path.</summary>
    private SafeFileHandle OpenBelow(string path, int flags, uint mode, string operation, string? shown = null)
    {
        int room = FileNameCoding.MaxByteCount(path.Length);
        Span<byte> bytes = room <= StackPathBytes ? stackalloc byte[StackPathBytes] : new byte[room];
        int length = FileNameCoding.Encode(path, bytes);
        int errno = _below.Open(bytes[..(length + 1)], flags, mode, out SafeFileHandle? file);
        return errno == DarwinErrno.None ? file! : throw DarwinErrors.PathFailure(operation, FullPath(shown ?? path), errno);
    }

    private SafeFileHandle OpenDirectory(string path, string operation)
    {
        try
        {
            return OpenBelow(path, DarwinConstants.Directory | DarwinConstants.ReadOnly, 0, operation);
        }
        catch (ShardIOException e) when (e.NativeError == DarwinErrno.NotDirectory)
        {
            // The same number for a file in the middle of the path and for one at its end.
            throw GetInfo(path) is null ? e : DarwinErrors.NotRegular(operation, FullPath(path), "it is not a directory", e.NativeError);
        }
    }

    /// <summary>The directory to find a name in, or null if that is the root. A failure names <paramref name="path"/>.</summary>
    private SafeFileHandle? OpenParent(string parent, string operation, string path)
    {
        if (parent.Length == 0)
            return null;
        try
        {
            return OpenBelow(parent, DarwinConstants.Directory | DarwinConstants.ReadOnly, 0, operation, path);
        }
        catch (ShardIOException e) when (e.NativeError == DarwinErrno.AccessDenied)
        {
            return OpenBelow(parent, DarwinConstants.Search, 0, operation, path); // one that may be walked through, but not be listed
        }
        catch (ShardIOException e) when (e.NativeError == DarwinErrno.NoEntry)
        {
            throw new ShardIOException(e.Error, operation, FullPath(path), "the directory that it would be in is not there", e.NativeError);
        }
    }

    private bool IsDirectory(string path)
    {
        try
        {
            OpenParent(path, "look at", path)?.Dispose();
            return true;
        }
        catch (ShardIOException)
        {
            return false;
        }
    }

    private SafeFileHandle OpenRegular(string path, int flags, uint mode, string operation, out FileIdentity identity)
    {
        SafeFileHandle file = OpenBelow(path, flags, mode, operation);
        try
        {
            int errno = Ask(file, out DarwinStat facts);
            if (errno != DarwinErrno.None)
                throw DarwinErrors.Failure(operation, FullPath(path), errno);
            if (facts.Type != ShardEntryType.File)
                throw DarwinErrors.NotRegular(operation, FullPath(path),
                    facts.Type == ShardEntryType.Directory ? "it is a directory" : "it is a device, a pipe or a socket");
            identity = facts.Identity(Device);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
