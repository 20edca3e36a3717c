namespace ClusterHsm.Caching;

/// <summary>The inodes that this node has seen to be regular files.</summary>
public sealed class InodeCache
{
    /// <summary>Makes an empty cache.</summary>
    public InodeCache(int capacity = 1_000_000) => Capacity = capacity;

    /// <summary>Entries.</summary>
    public int Capacity { get; }

    /// <summary>The present epoch.</summary>
    public long Epoch => throw new NotImplementedException();

    /// <summary>Whether the inode was added in the present epoch, and the epoch is <paramref name="epoch"/>.</summary>
    public bool Contains(ulong inode, long epoch) => throw new NotImplementedException();

    /// <summary>Adds; refused when <paramref name="epoch"/> is over.</summary>
    public bool TryAdd(ulong inode, long epoch) => throw new NotImplementedException();

    /// <summary>Removes.</summary>
    public bool Remove(ulong inode) => throw new NotImplementedException();

    /// <summary>Begins a new epoch.</summary>
    public long Clear() => throw new NotImplementedException();
}
