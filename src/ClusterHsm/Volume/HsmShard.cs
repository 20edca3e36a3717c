using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm;

/// <summary>Makes and finds shards.</summary>
public static class HsmShard
{
    /// <summary>Makes a directory a shard, and its secondary storage if the place for it is empty.</summary>
    /// <param name="root">The directory: the root of the volume, the same on every node.</param>
    /// <param name="store">Where released data goes: <c>file:///absolute/path</c>.</param>
    /// <param name="options">What all nodes will have to agree on.</param>
    /// <exception cref="HsmAlreadyExistsException">It is a shard already, or lies in one.</exception>
    /// <exception cref="ShardFormatException">The same, and a newer version made it.</exception>
    /// <exception cref="StoreUnavailableException">The store would lie in the shard, or cannot be reached.</exception>
    /// <exception cref="HsmException">The directory or the store cannot be used; nothing was changed on the shard.</exception>
    public static ShardDescriptor Initialize(string root, Uri store, ShardInitializeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            using IShardFileSystem shard = ShardFileSystem.Open(root);
            if (EnclosingShard.Find(shard.Root) is { } outer)
                throw new HsmAlreadyExistsException(shard.Root, $"it lies in the shard '{outer}', and a shard in a shard is not safe to migrate", "Choose a folder that is on no shard");
            if (store.IsAbsoluteUri && store.IsFile && RealPath.IsAtOrBelow(shard.Root, store.LocalPath))
                throw new StoreUnavailableException(store.LocalPath, $"it lies in the shard '{shard.Root}', where its objects would be migrated too", "Choose a folder outside of the shard");
            if (store.IsAbsoluteUri && store.IsFile && EnclosingShard.Find(store.LocalPath) is { } other)
                throw new StoreUnavailableException(store.LocalPath, $"it lies in the shard '{other}', where its objects would be migrated", "Choose a folder that is on no shard");
            return Initialize(shard, () => SecondaryStores.OpenOrCreate(store), store, options ?? new ShardInitializeOptions());
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotARegularFile)
        {
            throw new NotARegularFileException(root, "it is not a folder", "Name the folder that is to be the shard's root", e);
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    /// <param name="shard">The directory.</param>
    /// <param name="open">Opens the store, and makes it first if need be.</param>
    /// <param name="store">Where it is.</param>
    /// <param name="options">What all nodes will have to agree on.</param>
    internal static ShardDescriptor Initialize(IShardFileSystem shard, Func<ISecondaryStore> open, Uri store, ShardInitializeOptions options)
    {
        if (shard.GetInfo(ControlFolder.DescriptorPath) is not null)
            throw RefusalOfExisting(shard);
        if (!shard.Capabilities.CanStoreRecords || !shard.Capabilities.CanPunchHoles)
            throw new ShardNotSupportedException(shard.Root,
                $"its file system ({shard.Capabilities.FileSystemType}) cannot {(shard.Capabilities.CanStoreRecords ? "punch holes" : "store records (extended attributes, on Windows alternate data streams)")}",
                "Use a file system that can, such as ext4, xfs, btrfs, GlusterFS, CephFS, NTFS or APFS");
        ShardKey? key = options.SignRecords ? ShardKey.New() : null;
        ShardDescriptor descriptor = new()
        {
            ShardId = Guid.NewGuid(),
            StoreLocation = store,
            StoreId = open().Id,
            LeaseDuration = options.LeaseDuration,
            ClockDriftMargin = options.ClockDriftMargin,
            KeyId = key?.Id,
        };
        ShardDescriptor.Initialize(shard, descriptor, key, options.MigratorGroupId);
        return descriptor;
    }

    private static HsmException RefusalOfExisting(IShardFileSystem shard)
    {
        try
        {
            ShardDescriptor.Load(shard);
        }
        catch (ShardFormatException newer)
        {
            return new ShardFormatException(newer.Path, $"there is a shard already, and {newer.Cause}", newer.Remedy, newer);
        }
        catch (HsmException)
        {
            // Damaged or unreadable: it is a shard all the same.
        }
        return new HsmAlreadyExistsException(shard.Root, "it is a shard already", $"'{ControlFolder.Name}/shard.json' says where its store is");
    }

    /// <summary>
    /// The root of the shard that a path lies in: the nearest folder at or above it, by the names it is written with, that holds <c>.clusterhsm</c>.
    /// If none of them does, the same is asked of the path with its symbolic links followed.
    /// </summary>
    /// <param name="path">A file or folder, which need not exist. Relative to the current folder, or absolute.</param>
    /// <returns>The absolute path, or null if there is none.</returns>
    public static string? FindRoot(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        return FindRootByName(full) ?? FindRootByName(RealPath.Of(full));
    }

    private static string? FindRootByName(string full)
    {
        for (string? folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, ControlFolder.DescriptorPath)))
                return folder;
        }
        return null;
    }
}

/// <summary>What all nodes of a new shard will have to agree on.</summary>
public sealed record ShardInitializeOptions
{
    /// <summary>How long a grant is good for, and so how long a migrator waits before it releases.</summary>
    /// <value>3 s by default; 100 ms to 60 s. Must be shorter than the file system takes to give a silent client's locks away.</value>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What a migrator waits beyond the lease, for clocks that run at different rates.</summary>
    /// <value>200 ms by default.</value>
    public TimeSpan ClockDriftMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Whether the shard gets a key of its own (<c>.clusterhsm/key</c>, for its owner and <see cref="MigratorGroupId"/>), with which records are signed: one that
    /// is made or changed by who may not read the key is refused (<see cref="UntrustedRecordException"/>).
    /// </summary>
    /// <value>False by default. It cannot be changed later.</value>
    public bool SignRecords { get; init; }

    /// <summary>
    /// The number of a group whose members may migrate and, on a shard with a key, write records: it gets write permission on the signal
    /// and quiesce files and read permission on the key. Only root may name a group that it is not in.
    /// </summary>
    /// <value>Null by default: only the owner of these files, who is the user who makes the shard, and root.</value>
    public uint? MigratorGroupId { get; init; }
}
