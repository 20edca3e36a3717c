using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>What kind of file system an <see cref="InMemoryCluster"/> plays.</summary>
public sealed record InMemoryClusterOptions
{
    /// <summary>
    /// Bytes that all files together may have allocated; a write that needs more fails with <see cref="ShardError.NoSpace"/>.
    /// </summary>
    /// <value>Default: no limit.</value>
    public long CapacityInBytes { get; init; } = long.MaxValue;

    /// <summary>Smallest difference between two file times; they are cut down to a multiple of it.</summary>
    /// <value>100 ns or more. Default: 100 ns. Some cluster file systems keep whole seconds.</value>
    public TimeSpan TimestampGranularity { get; init; } = TimeSpan.FromTicks(1);

    /// <summary>Whether holes can be punched.</summary>
    public bool CanPunchHoles { get; init; } = true;

    /// <summary>Whether files have extended attributes.</summary>
    public bool CanStoreRecords { get; init; } = true;

    /// <summary>Whether the allocated size tells of holes; if not, every file says that it is full.</summary>
    public bool AllocationIsTruthful { get; init; } = true;

    /// <summary>Whether <see cref="IShardFile.TryFindData"/> sees holes; if not, every file is all data.</summary>
    public bool HolesVisible { get; init; } = true;

    /// <summary>
    /// How far locks are seen. With <see cref="LockReach.NodeLocal"/> two nodes really are granted the same lock; with
    /// <see cref="LockReach.Unknown"/> locks are shared, but the file system does not say so.
    /// </summary>
    public LockReach LockReach { get; init; } = LockReach.Shared;

    /// <summary>
    /// Whether the file system is known to answer questions after locks with regard to every node's. If not, nodes do not rely on
    /// <see cref="ClusterHsm.Coordination.SignalRequest.Query"/>; the answers are right all the same.
    /// </summary>
    public bool QueriesSeeEveryNode { get; init; } = true;

    /// <summary>Why locks are not seen by every node, if the file system says so.</summary>
    public string? LockFault { get; init; }

    /// <summary>Why a look without a lock can miss a record, if the file system says so.</summary>
    public string? RecordFault { get; init; }

    /// <summary>Whether ctime moves when an extended attribute is set or removed.</summary>
    public bool AttributesMoveChangeTime { get; init; } = true;

    /// <summary>Whether mtime and ctime move when a hole is punched.</summary>
    public bool PunchingMovesTimes { get; init; } = true;

    /// <summary>Whether a node can tell who has a file open on it and hold openers back (Linux: leases).</summary>
    public bool HasLeases { get; init; } = true;

    /// <summary>The longest value of an extended attribute, in bytes.</summary>
    /// <value>Default: 4000; near 4 KiB is refused on ext4.</value>
    public int MaxAttributeLength { get; init; } = 4000;

    /// <summary>Whether one call makes everything durable (<see cref="IShardFileSystem.FlushAll"/>).</summary>
    public bool HasBarrier { get; init; } = true;

    /// <summary>Whether the number of an inode that is gone is given to the next new one, as ext4 does.</summary>
    public bool ReusesInodeNumbers { get; init; } = true;

    /// <summary>
    /// Whether a node that crashes takes with it what was changed by it and not flushed since: the worst that a file system may do.
    /// A file or directory goes back to what it was when it was last flushed, with what other nodes changed there since.
    /// </summary>
    public bool CrashLosesUnflushedChanges { get; init; }

    /// <summary>
    /// What reaches the disk though nobody flushed it, when <see cref="CrashLosesUnflushedChanges"/> is on: a file system may write changes
    /// in another order than they were made.
    /// </summary>
    public UnflushedChanges CrashKeeps { get; init; }

    /// <summary>What the file system calls itself.</summary>
    public string FileSystemType { get; init; } = "memory";

    /// <summary>What all clocks show at first.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

/// <summary>Kinds of changes that a crash may keep or lose, each kind of an inode as a whole.</summary>
[Flags]
public enum UnflushedChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A file's data and length.</summary>
    Data = 1,

    /// <summary>Extended attributes.</summary>
    Attributes = 2,

    /// <summary>Times, owner and mode.</summary>
    Facts = 4,

    /// <summary>The names in a directory.</summary>
    Names = 8,
}
