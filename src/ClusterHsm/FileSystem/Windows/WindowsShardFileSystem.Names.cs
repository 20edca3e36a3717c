using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>What is done to names: look, list, make, remove, rename.</summary>
internal sealed unsafe partial class WindowsShardFileSystem
{
    private const uint NameItself = WindowsConstants.OpenReparsePoint | WindowsConstants.OpenNoRecall;
    private const int UsualAttributeBytes = 1024;

    public ShardFileInfo? GetInfo(string path)
    {
        int error = _below.Open(path, WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, NameItself, out SafeFileHandle file);
        // What a filter stores in its own way (a deduplicated file) shows its facts only when it is opened through the filter.
        if (error == Win32Error.None && WindowsFacts.IsKeptByAFilter(file)
            && _below.Open(path, WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, WindowsConstants.OpenNoRecall, out SafeFileHandle through) == Win32Error.None)
        {
            file.Dispose();
            file = through;
        }
        if (IsNothing(error))
            return null;
        if (error != Win32Error.None)
            throw PathFailure("look at", path, error);
        using (file)
        {
            error = WindowsFacts.Ask(file, Volume, Features, out ShardFileInfo info);
            return error == Win32Error.None ? info : throw WindowsErrors.Failure("look at", FullPath(path), error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The folder is asked: RECALL_ON_OPEN is told there and nowhere else, and to open such a file can have it fetched.</remarks>
    public bool IsOffline(string path)
    {
        if (!WindowsName.TrySplit(path, out List<string> names))
            throw PathFailure("look at", path, Win32Error.ReparsePointEncountered);
        if (names.Count == 0)
            return false;
        if (WindowsName.ErrorOf(names[^1]) != Win32Error.None)
            return false; // nothing has such a name
        string folder = string.Join('/', names[..^1]);
        int error = _below.Open(folder, WindowsConstants.ListDirectory, WindowsConstants.OpenThere, WindowsConstants.DirectoryFile, out SafeFileHandle directory);
        if (IsNothing(error))
            return false;
        if (error == Win32Error.AccessDenied)
            return GetInfo(path) is { IsOffline: true }; // who may not list it is told less
        if (error != Win32Error.None)
            throw PathFailure("look at", path, error);
        DirectoryEntry entry;
        using (directory)
            error = DirectoryEntry.Look(directory, names[^1], out entry);
        if (IsNothing(error))
            return false;
        if (error != Win32Error.None)
            throw WindowsErrors.Failure("look at", FullPath(path), error);
        return ReparsePoint.IsLink(entry.Attributes, entry.ReparseTag)
            ? GetInfo(path) is { IsOffline: true }
            : (Features.ListedAttributesOf(entry.FileId, entry.Attributes) & WindowsConstants.ListedElsewhere) != 0;
    }

    public byte[]? ReadAttribute(string path, string name)
    {
        string operation = $"read the attribute {name} of";
        bool isKnown = WindowsShardFile.TryStreamOf(name, out string stream);
        using SafeFileHandle file = OpenBelow(path, WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, DataOptions | WindowsConstants.OpenNoRecall, operation);
        if (!isKnown)
            return null;
        byte[] buffer = new byte[UsualAttributeBytes];
        while (true)
        {
            int error = Features.ReadStream(file, stream, buffer, out long length);
            if (error == Win32Error.FileNotFound)
                return null;
            if (error != Win32Error.None || length > Array.MaxLength)
                throw WindowsErrors.StreamFailure(operation, FullPath(path), error == Win32Error.None ? Win32Error.MoreData : error);
            if (length <= buffer.Length)
                return buffer[..(int)length];
            buffer = new byte[length];
        }
    }

    public IEnumerable<ShardEntry> ReadDirectory(string path)
    {
        using DirectoryReader reader = new(OpenBelow(path, WindowsConstants.ListDirectory, WindowsConstants.OpenThere, WindowsConstants.DirectoryFile, "list", isDirectory: true));
        int error;
        while (reader.TryRead(out ShardEntry entry, out error))
            yield return entry;
        if (error != Win32Error.None)
            throw WindowsErrors.Failure("list", FullPath(path), error);
    }

    /// <inheritdoc/>
    /// <remarks>The permission bits are not kept (<see cref="ShardCapabilities.KeepsPermissionBits"/>).</remarks>
    public bool CreateDirectory(string path, UnixFileMode mode)
    {
        const string operation = "make the directory";
        int error = _below.Open(path, WindowsConstants.ReadAttributes, WindowsConstants.CreateNew, WindowsConstants.DirectoryFile, out SafeFileHandle made);
        using (made)
        {
            if (error == Win32Error.None)
                return true;
        }
        if (error is Win32Error.AlreadyExists or Win32Error.FileExists or Win32Error.Directory or Win32Error.AccessDenied or Win32Error.ReparsePointEncountered)
        {
            int there = _below.Open(path, WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, WindowsConstants.DirectoryFile, out SafeFileHandle found);
            using (found)
            {
                if (there == Win32Error.None)
                    return false;
            }
        }
        throw PathFailure(operation, path, error);
    }

    public void Delete(string path)
    {
        const string operation = "delete";
        int error = _below.Open(path, WindowsConstants.DeleteAccess, WindowsConstants.OpenThere, DataOptions | NameItself, out SafeFileHandle file);
        using (file)
        {
            if (error == Win32Error.None)
                error = NameChanges.Delete(file);
        }
        if (error != Win32Error.None && !IsNothing(error))
            throw PathFailure(operation, path, error);
    }

    public void Rename(string from, string to)
    {
        string operation = $"rename to '{to}' the file";
        using SafeFileHandle file = OpenBelow(from, WindowsConstants.DeleteAccess | WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, DataOptions | NameItself, operation);
        string trimmed = to.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        string name = trimmed[(slash + 1)..];
        if (name is "" or "." or "..")
            throw to is ['/', ..] ? PathFailure(operation, to, Win32Error.ReparsePointEncountered)
                : WindowsErrors.NotRegular(operation, FullPath(from), "the new name is a directory's");
        int fault = WindowsName.ErrorOf(name);
        if (fault != Win32Error.None)
            throw PathFailure("rename a file to", to, fault);
        // With its slash, so that "/x" stays absolute and is refused.
        using SafeFileHandle directory = OpenBelow(trimmed[..(slash + 1)], WindowsConstants.AddFile | WindowsConstants.Traverse, WindowsConstants.OpenThere,
            WindowsConstants.DirectoryFile, "rename a file to");
        int error = NameChanges.Rename(file, directory, name);
        if (error == Win32Error.None)
            return;
        throw GetInfo(to) is { Type: ShardEntryType.Directory }
            ? WindowsErrors.NotRegular(operation, FullPath(from), "a directory has the new name", error)
            : PathFailure(operation, from, error);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// FlushFileBuffers of a directory needs the right to add files to it; where that is missing, or the file system does not know it,
    /// the names are as durable as the file system's own log makes them.
    /// </remarks>
    public void FlushDirectory(string path)
    {
        int error = _below.Open(path, WindowsConstants.AddFile, WindowsConstants.OpenThere, WindowsConstants.DirectoryFile, out SafeFileHandle directory);
        using (directory)
        {
            if (error == Win32Error.None && !WindowsNative.FlushFileBuffers(directory))
                error = WindowsNative.LastError;
        }
        if (error is not (Win32Error.None or Win32Error.AccessDenied or Win32Error.InvalidHandle) && !Win32Error.IsUnknownCall(error))
            throw DirectoryFailure("flush", path, error);
    }

    /// <summary>Nothing has the name, or it is about to go.</summary>
    private static bool IsNothing(int error) => error is Win32Error.FileNotFound or Win32Error.PathNotFound or Win32Error.InvalidName
        or Win32Error.DeletePending or Win32Error.Directory;

    private SafeFileHandle OpenBelow(string path, uint access, uint disposition, uint options, string operation, bool isDirectory)
    {
        int error = _below.Open(path, access, disposition, options, out SafeFileHandle file);
        return error == Win32Error.None ? file : throw (isDirectory ? DirectoryFailure(operation, path, error) : PathFailure(operation, path, error));
    }

    private ShardIOException DirectoryFailure(string operation, string path, int error) =>
        error == Win32Error.Directory && GetInfo(path) is not null
            ? WindowsErrors.NotRegular(operation, FullPath(path), "it is not a directory", error)
            : PathFailure(operation, path, error);
}
