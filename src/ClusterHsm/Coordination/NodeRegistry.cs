using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Who is on a shard.</summary>
public static class NodeRegistry
{
    private const string Extension = ".json";

    /// <summary>
    /// Lists nodes and migrators, those first that are alive. Files of the dead are removed on the way where this process may; a dead
    /// party that cannot be removed is listed as such.
    /// </summary>
    /// <remarks>Nodes that may not write to <c>.clusterhsm/nodes</c> are not in it.</remarks>
    /// <exception cref="HsmException">The folder cannot be read; the type says why.</exception>
    public static IReadOnlyList<NodeInfo> List(IShardFileSystem shard, ShardDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(descriptor);
        var nodes = new List<NodeInfo>();
        try
        {
            foreach (ShardEntry entry in shard.ReadDirectory(ControlFolder.NodesPath).ToArray())
            {
                if (!entry.Name.EndsWith(Extension, StringComparison.Ordinal))
                    continue;
                if (Look(shard, descriptor, entry.Name[..^Extension.Length]) is { } node)
                    nodes.Add(node);
            }
        }
        catch (ShardIOException failure)
        {
            throw ShardErrors.Translate(shard, failure, ControlFolder.NodesPath, "read permission is needed to see who is on the shard");
        }
        nodes.Sort(static (left, right) => left.IsAlive != right.IsAlive
            ? right.IsAlive.CompareTo(left.IsAlive) : string.CompareOrdinal(left.Id, right.Id));
        return nodes;
    }

    /// <summary>The file of a party.</summary>
    internal static string PathOf(string id) => $"{ControlFolder.NodesPath}/{id}{Extension}";

    /// <summary>Locked exclusively by a party while it lives.</summary>
    internal static LockRange AliveByte(ShardDescriptor descriptor) => new(descriptor.FileLockOffset, 1);

    /// <summary>Locked exclusively by a node from before it takes quiesce until after it has given it back.</summary>
    internal static LockRange QuiesceByte(ShardDescriptor descriptor) => new(descriptor.FileLockOffset + 1, 1);

    /// <summary>One party, or null if it is gone or was dead and has been removed.</summary>
    private static NodeInfo? Look(IShardFileSystem shard, ShardDescriptor descriptor, string id)
    {
        string path = PathOf(id);
        try
        {
            if (TryRemoveDead(shard, descriptor, path))
                return null;
            using IShardFile file = shard.Open(path, ShardOpenOptions.Read);
            // A shared lock conflicts with the owner's exclusive one, and asking for it needs no write permission. No clear answer
            // counts as alive: nobody may be taken for dead by mistake.
            bool alive = !file.QueryLock(AliveByte(descriptor), LockKind.Shared).IsGranted;
            return NodeRecord.Read(id, SmallFile.Read(file, NodeRecord.MaxLength)) with
            {
                IsAlive = alive,
                HoldsQuiesce = alive && file.QueryLock(QuiesceByte(descriptor), LockKind.Shared).Status == LockStatus.Denied,
            };
        }
        catch (ShardIOException failure) when (failure.Error is ShardError.NotFound)
        {
            return null;
        }
        catch (ShardIOException)
        {
            return new NodeInfo { Id = id, IsAlive = true };
        }
    }

    /// <summary>Removes the file if its owner's lock can be had, which proves that it is dead.</summary>
    private static bool TryRemoveDead(IShardFileSystem shard, ShardDescriptor descriptor, string path)
    {
        if (shard.Capabilities.IsReadOnly)
            return false;
        try
        {
            using IShardFile file = shard.Open(path, ShardOpenOptions.ReadWrite);
            LockRange alive = AliveByte(descriptor);
            if (!file.TryLock(alive, LockKind.Exclusive).IsGranted)
                return false;
            try
            {
                // Under the lock: a party that is just registering looks at the name again after it has got its lock.
                shard.Delete(path);
                return true;
            }
            finally
            {
                file.Unlock(alive);
            }
        }
        catch (ShardIOException failure) when (failure.Error is not ShardError.NotFound)
        {
            return false;
        }
    }
}
