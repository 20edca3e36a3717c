using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

// The calls that go by path.
public sealed partial class InMemoryNode
{
    private const int Einval = 22;
    private const int Enotdir = 20;
    private const int Enotempty = 39;
    private const int Exdev = 18;

    /// <inheritdoc/>
    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        if ((options & ShardOpenOptions.ReadWrite) == 0)
            throw new ArgumentException("A file is opened to read, to write, or both.", nameof(options));
        var info = new ShardOperationInfo { Operation = ShardOperation.Open, Path = path, OpenOptions = options };
        Fault.Effect effect = BeginOrThrow(info);
        InMemoryFile file;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            bool creates = options.HasFlag(ShardOpenOptions.Create);
            bool exclusive = creates && options.HasFlag(ShardOpenOptions.Exclusive);
            Place place = Resolve(info, path, followLast: !exclusive);
            if (place.Target is not null && exclusive)
                throw Failure(info, ShardError.AlreadyExists);
            Inode inode = place.Target
                ?? (creates ? Insert(info, place, ShardEntryType.File, creationMode) : throw Failure(info, ShardError.NotFound));
            if (inode.Type != ShardEntryType.File)
                throw Failure(info, ShardError.NotARegularFile);
            file = OpenInode(info, inode, isNew: place.Target is null);
        }
        End(info, effect);
        return file;
    }

    internal IShardFile Reopen(Inode inode, string path, ShardOpenOptions options)
    {
        if ((options & ~ShardOpenOptions.ReadWrite) != 0 || (options & ShardOpenOptions.ReadWrite) == 0)
            throw new ArgumentException("A file that is open already is opened to read, to write, or both.", nameof(options));
        var info = new ShardOperationInfo { Operation = ShardOperation.Open, Path = path, OpenOptions = options };
        Fault.Effect effect = BeginOrThrow(info);
        InMemoryFile file;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            file = OpenInode(info, inode, isNew: false);
        }
        End(info, effect);
        return file;
    }

    /// <summary>To be called inside the gate.</summary>
    private InMemoryFile OpenInode(ShardOperationInfo info, Inode inode, bool isNew)
    {
        bool canRead = info.OpenOptions.HasFlag(ShardOpenOptions.Read), canWrite = info.OpenOptions.HasFlag(ShardOpenOptions.Write);
        if (!isNew)
            ThrowIfNotAllowed(info, inode, canRead, canWrite);
        if (canWrite)
            ThrowIfReadOnly(info);
        if (inode.Handles.Exists(handle => handle.Node == this && handle.ExcludesOpeners))
            throw Failure(info, ShardError.Busy);
        InMemoryFile file = new(this, inode, info.Path, canRead, canWrite);
        inode.Handles.Add(file);
        return file;
    }

    /// <inheritdoc/>
    public ShardFileInfo? GetInfo(string path)
    {
        ShardOperationInfo info = About(ShardOperation.GetInfo, path);
        Fault.Effect effect = BeginOrThrow(info);
        ShardFileInfo? facts = null;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            if (TryResolve(info, path) is { Target: { } inode })
                facts = Facts(inode);
        }
        End(info, effect);
        return facts;
    }

    /// <inheritdoc/>
    public byte[]? ReadAttribute(string path, string name)
    {
        ShardOperationInfo info = About(ShardOperation.ReadAttribute, path);
        Fault.Effect effect = BeginOrThrow(info);
        byte[]? value;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            Inode inode = RegularFile(info, path);
            ThrowIfNotAllowed(info, inode, read: true, write: false);
            CheckAttributeName(info, name);
            inode.State.Attributes.TryGetValue(name, out value);
        }
        End(info, effect);
        return (byte[]?)value?.Clone();
    }

    /// <inheritdoc/>
    public IEnumerable<ShardEntry> ReadDirectory(string path)
    {
        ShardOperationInfo info = About(ShardOperation.ReadDirectory, path);
        Fault.Effect effect = BeginOrThrow(info);
        ShardEntry[] entries;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            Inode inode = ExistingDirectory(info, path);
            ThrowIfNotAllowed(info, inode, read: true, write: false);
            entries = [.. inode.State.Entries.Select(static e => new ShardEntry(e.Key, e.Value.Type, e.Value.Number))];
        }
        End(info, effect);
        foreach (ShardEntry entry in entries)
            yield return entry;
    }

    /// <inheritdoc/>
    public bool CreateDirectory(string path, UnixFileMode mode)
    {
        ShardOperationInfo info = About(ShardOperation.CreateDirectory, path);
        Fault.Effect effect = BeginOrThrow(info);
        bool made;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            Place place = Resolve(info, path.TrimEnd('/'), followLast: false);
            if (place.Target is { Type: ShardEntryType.SymbolicLink })
                place = Resolve(info, path.TrimEnd('/'), followLast: true);
            if (place.Target is { Type: not ShardEntryType.Directory })
                throw Failure(info, ShardError.AlreadyExists, "something that is not a directory has this name");
            made = place.Target is null;
            if (made)
                Insert(info, place, ShardEntryType.Directory, mode);
        }
        End(info, effect);
        return made;
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        ShardOperationInfo info = About(ShardOperation.Delete, path);
        Fault.Effect effect = BeginOrThrow(info);
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            if (TryResolve(info, path) is { Target: { } inode } place)
            {
                if (inode.Type == ShardEntryType.Directory)
                    throw Failure(info, ShardError.NotARegularFile, "it is a directory");
                WillChangeDirectory(info, place.Directory);
                Cluster.Unlink(place);
            }
        }
        End(info, effect);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        var info = new ShardOperationInfo { Operation = ShardOperation.Rename, Path = from, NewPath = to };
        Fault.Effect effect = BeginOrThrow(info);
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            Place source = Resolve(info, from, followLast: false);
            Place target = Resolve(info, to, followLast: false);
            Inode inode = source.Target ?? throw Failure(info, ShardError.NotFound);
            if (source.Name.Length == 0 || target.Name.Length == 0)
                throw Failure(info, ShardError.Busy, "a directory on the way to it would move", 16);
            if (source.Directory.OnShardDevice != target.Directory.OnShardDevice)
                throw Failure(info, ShardError.NotSupported, "the two places are on different file systems", Exdev);
            if (target.Target != inode)
                Move(info, source, target, inode);
        }
        End(info, effect);
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        ShardOperationInfo info = About(ShardOperation.FlushDirectory, path);
        Fault.Effect effect = BeginOrThrow(info);
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            InMemoryCluster.MakeDurable(ExistingDirectory(info, path));
        }
        End(info, effect);
    }

    /// <inheritdoc/>
    public void FlushAll()
    {
        ShardOperationInfo info = About(ShardOperation.FlushAll, "");
        Fault.Effect effect = BeginOrThrow(info);
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            if (!Capabilities.HasBarrier)
                throw Failure(info, ShardError.NotSupported);
            foreach (Inode inode in Cluster.Inodes)
                InMemoryCluster.MakeDurable(inode);
        }
        End(info, effect);
    }

    /// <inheritdoc/>
    public WriterPresence FindWriters(string path)
    {
        ShardOperationInfo info = About(ShardOperation.FindWriters, path);
        Fault.Effect effect = BeginOrThrow(info);
        WriterPresence presence;
        lock (Cluster.Gate)
        {
            ThrowIfCrashed(info);
            Inode inode = RegularFile(info, path);
            if (!Cluster.Options.HasLeases || (UserId != 0 && UserId != inode.State.UserId))
                presence = WriterPresence.Unknown;
            else
                presence = inode.Handles.Exists(handle => handle.Node == this && handle.CanWrite)
                    ? WriterPresence.Present
                    : WriterPresence.None;
        }
        End(info, effect);
        return presence;
    }

    internal ShardFileInfo Facts(Inode inode)
    {
        InodeState state = inode.State;
        long size = inode.Type == ShardEntryType.SymbolicLink ? state.Target.Length : state.Data.Length;
        return new ShardFileInfo
        {
            Identity = inode.Identity,
            Type = inode.Type,
            Size = size,
            AllocatedBytes = Cluster.Options.AllocationIsTruthful
                ? state.Data.AllocatedBytes
                : (size + SparseData.BlockSize - 1) / SparseData.BlockSize * SparseData.BlockSize,
            Accessed = state.Accessed,
            Modified = state.Modified,
            Changed = state.Changed,
            Mode = state.Mode,
            UserId = state.UserId,
            GroupId = state.GroupId,
            LinkCount = inode.LinkCount,
        };
    }

    internal void CheckAttributeName(ShardOperationInfo info, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Cluster.Options.CanStoreRecords || name.Split('.') is not ["user" or "trusted" or "security" or "system", _, ..])
            throw Failure(info, ShardError.NotSupported);
    }

    private static ShardOperationInfo About(ShardOperation operation, string path) => new() { Operation = operation, Path = path };

    private Place Resolve(ShardOperationInfo info, string path, bool followLast) =>
        PathWalk.Resolve(Cluster.Root, path, followLast, (error, reason, native) => Failure(info, error, reason, native));

    /// <summary>The place of a name, or null if something on the way to it is not there or is no directory.</summary>
    private Place? TryResolve(ShardOperationInfo info, string path)
    {
        try
        {
            return Resolve(info, path, followLast: false);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            return null;
        }
    }

    private Inode RegularFile(ShardOperationInfo info, string path)
    {
        Inode inode = Resolve(info, path, followLast: true).Target ?? throw Failure(info, ShardError.NotFound);
        return inode.Type == ShardEntryType.File ? inode : throw Failure(info, ShardError.NotARegularFile);
    }

    private Inode ExistingDirectory(ShardOperationInfo info, string path)
    {
        Inode inode = Resolve(info, path, followLast: true).Target ?? throw Failure(info, ShardError.NotFound);
        return inode.Type == ShardEntryType.Directory
            ? inode
            : throw Failure(info, ShardError.NotARegularFile, "it is not a directory", Enotdir);
    }

    private Inode Insert(ShardOperationInfo info, Place place, ShardEntryType type, UnixFileMode mode)
    {
        WillChangeDirectory(info, place.Directory);
        Inode inode = Cluster.NewInode(type, place.Directory.OnShardDevice, mode, _options.UserId, _options.GroupId);
        Cluster.Link(place, inode);
        return inode;
    }

    private void Move(ShardOperationInfo info, Place source, Place target, Inode inode)
    {
        bool isDirectory = inode.Type == ShardEntryType.Directory;
        if (target.Target is { } replaced && replaced.Type == ShardEntryType.Directory != isDirectory)
            throw Failure(info, ShardError.NotARegularFile, "one of the two is a directory", isDirectory ? Enotdir : 0);
        if (target.Target is { State.Entries.Count: > 0 })
            throw Failure(info, ShardError.AlreadyExists, "the directory that has the new name is not empty", Enotempty);
        if (isDirectory && IsBelow(inode, target.Directory))
            throw Failure(info, ShardError.Other, "a directory cannot move into itself", Einval);
        WillChangeDirectory(info, source.Directory);
        WillChangeDirectory(info, target.Directory);
        inode.LinkCount++;
        Cluster.Unlink(source);
        if (target.Target is not null)
            Cluster.Unlink(target);
        Cluster.Link(target, inode);
        inode.LinkCount--;
    }

    private static bool IsBelow(Inode above, Inode inode) =>
        above == inode || above.State.Entries.Values.Any(entry => entry.Type == ShardEntryType.Directory && IsBelow(entry, inode));

    private void WillChangeDirectory(ShardOperationInfo info, Inode directory)
    {
        ThrowIfReadOnly(info);
        ThrowIfNotAllowed(info, directory, read: false, write: true);
        Cluster.WillChange(directory, this);
    }
}
