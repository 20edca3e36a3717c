namespace ClusterHsm.FileSystem;

/// <summary>What the file system of a shard was found to be able to do, seen from one node.</summary>
public sealed record ShardCapabilities
{
    /// <summary>Its name: <c>ext4</c>, <c>fuse.glusterfs</c>, <c>nfs4</c>.</summary>
    public required string FileSystemType { get; init; }

    /// <summary>Whether this node may only read.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>Which calls carry the locks.</summary>
    public required LockDriver LockDriver { get; init; }

    /// <summary>Whether a lock that one node takes is seen by the others. Anything but Shared means strict for ever (R9).</summary>
    public required LockReach LockReach { get; init; }

    /// <summary>
    /// Whether a question after a lock that takes none (<see cref="IShardFile.QueryLock"/>) is known to be answered with regard to the
    /// locks of every node, as far as <see cref="LockReach"/> says that those are seen. What is not known is false (R9).
    /// </summary>
    public bool QueriesSeeEveryNode { get; init; }

    /// <summary>Why <see cref="LockReach"/> is not Shared, where more is known than the name of the file system; else null.</summary>
    public string? LockFault { get; init; }

    /// <summary>Whether flock and byte-range locks are one space here, so that a whole-file flock of another program is in the way.</summary>
    public required bool FlockConflictsWithRanges { get; init; }

    /// <summary>Whether records can be stored (extended attributes).</summary>
    public required bool CanStoreRecords { get; init; }

    /// <summary>Whether holes can be punched.</summary>
    public required bool CanPunchHoles { get; init; }

    /// <summary>Whether the allocated size of a file falls when a hole is punched.</summary>
    public required bool AllocationIsTruthful { get; init; }

    /// <summary>Whether one call makes everything durable and tells of every write that failed (<see cref="IShardFileSystem.FlushAll"/>).</summary>
    public required bool HasBarrier { get; init; }

    /// <summary>
    /// Why a node can read old data, sizes or times under a lock, and what helps: caches of the client that outlive a lock. Null if none
    /// are known. A volume is not opened then, unless shard.json says that it was proven otherwise.
    /// </summary>
    public string? CacheFault { get; init; }

    /// <summary>
    /// Why a record that another node has written can be missed by a look without a lock, and what helps. Null if that is not known.
    /// Nodes stay strict then, in which mode every look is under a lock, unless shard.json says that it was proven otherwise.
    /// </summary>
    public string? RecordFault { get; init; }

    /// <summary>Whether a list of a file's attributes is known to name all of them: one call then tells that it has none.</summary>
    internal bool ListsAttributes { get; init; }

    /// <summary>Whether files have permission bits and numbers of owner and group. Windows has access control lists instead, which are inherited.</summary>
    public bool KeepsPermissionBits { get; init; } = true;

    /// <summary>Smallest difference between two file times.</summary>
    public required TimeSpan TimestampGranularity { get; init; }
}

/// <summary>Calls that carry byte-range locks.</summary>
public enum LockDriver
{
    /// <summary>None works.</summary>
    None = 0,

    /// <summary>Open-file-description locks (Linux, macOS): they belong to the handle.</summary>
    OpenFileDescription,

    /// <summary>
    /// Classic POSIX record locks, owned by the process: the library keeps account of them inside the process, but a close of the same
    /// file by other code in this process drops them unseen.
    /// </summary>
    ProcessOwned,

    /// <summary>LockFileEx (Windows).</summary>
    LockFileEx,
}

/// <summary>How far a lock is seen.</summary>
public enum LockReach
{
    /// <summary>Not known: treated as <see cref="NodeLocal"/>.</summary>
    Unknown = 0,

    /// <summary>On this computer only, although the file system has other computers (OCFS2 with o2cb, NFS with <c>nolock</c>).</summary>
    NodeLocal,

    /// <summary>On every node: a cluster file system with cluster-wide locks, or a local file system with one computer.</summary>
    Shared,

    /// <summary>On every node, but they get lost while they are held (CephFS): treated as <see cref="NodeLocal"/>.</summary>
    Unreliable,
}
