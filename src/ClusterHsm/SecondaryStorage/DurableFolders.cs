using System.Collections.Concurrent;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Makes the folders of objects, and knows which of them this process has made durable.</summary>
/// <remarks>
/// That a folder is there does not say that it outlives a crash: whoever made it may not have flushed its parent yet. So an object
/// is durable only after this process has itself flushed every folder above it, once. One bit a folder, 8 KiB a shard. Thread-safe.
/// </remarks>
internal sealed class DurableFolders(StoreDisk disk, DirectoryStoreLayout layout)
{
    private const int Leaves = 256 * 256;

    private readonly ConcurrentDictionary<Guid, uint[]> _shards = new();

    /// <summary>Makes the folders above an object, unless they are there.</summary>
    public void Make(ObjectKey key)
    {
        string leaf = Path.GetDirectoryName(layout.Object(key))!;
        string middle = Path.GetDirectoryName(leaf)!;
        // A folder that is new says that what this process knew of it is void: somebody has removed the old one.
        bool made = disk.MakeDirectory(layout.Shard(key.ShardId));
        made |= disk.MakeDirectory(middle);
        made |= disk.MakeDirectory(leaf);
        if (made)
            _shards.TryRemove(key.ShardId, out _);
    }

    /// <summary>Makes the names of the folders above an object durable, but not the object's own name.</summary>
    public void Flush(ObjectKey key)
    {
        uint[] known = _shards.GetOrAdd(key.ShardId, static _ => new uint[Leaves / 32]);
        (byte first, byte second) = DirectoryStoreLayout.Fan(key.ObjectId);
        int bit = (first << 8) | second;
        if ((Volatile.Read(ref known[bit / 32]) & (1u << (bit % 32))) != 0)
            return;
        string middle = Path.GetDirectoryName(Path.GetDirectoryName(layout.Object(key)))!;
        disk.FlushDirectory(layout.Objects);
        disk.FlushDirectory(layout.Shard(key.ShardId));
        disk.FlushDirectory(middle);
        Interlocked.Or(ref known[bit / 32], 1u << (bit % 32));
    }
}
