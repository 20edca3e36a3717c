namespace ClusterHsm.FileSystem.Linux;

/// <summary>What is known of a file system by its name: what cannot be asked without writing to it.</summary>
/// <param name="Reach">How far its byte-range locks are seen.</param>
/// <param name="FlockConflictsWithRanges">Whether flock and byte ranges are one space.</param>
/// <param name="CanPunchHoles">Whether fallocate(2) punches holes.</param>
/// <param name="AllocationIsTruthful">Whether st_blocks falls at once when a hole is punched.</param>
/// <param name="TimestampGranularity">Smallest difference between two file times.</param>
internal sealed record FileSystemTraits(
    LockReach Reach, bool FlockConflictsWithRanges, bool CanPunchHoles, bool AllocationIsTruthful, TimeSpan TimestampGranularity)
{
    /// <summary>
    /// Whether syncfs(2) is a barrier that tells of failed writes (super_operations.sync_fs and errseq, Linux 5.8). FUSE does not pass it
    /// on to the server.
    /// </summary>
    public bool HasBarrier { get; private init; }

    /// <summary>
    /// Whether listxattr(2) is known to name every <c>user.</c> attribute, so that a file with an empty list has none. Without it each is
    /// asked for by its name.
    /// </summary>
    public bool ListsAttributes { get; private init; }

    /// <summary>
    /// Whether F_OFD_GETLK and F_GETLK are known to tell of the locks of every node: because there is one kernel, or because it was tried
    /// between two clients.
    /// </summary>
    public bool QueriesSeeEveryNode { get; private init; }

    /// <summary>Why <see cref="Reach"/> is not Shared, where more is known than the name; else null.</summary>
    public string? LockFault { get; private init; }

    /// <summary>Why a look without a lock can miss a record of another node, or is not known to see it; null if it sees it.</summary>
    public string? RecordFault { get; private init; }

    /// <summary>
    /// Local file systems store nanoseconds but stamp with the kernel's tick, which is 10 ms at the coarsest (CONFIG_HZ=100).
    /// </summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Not in the table. Locks count for nothing, times are taken for coarse, and holes are tried: if the kernel refuses the first one,
    /// the shard remembers.
    /// </summary>
    private static readonly FileSystemTraits Unheard = new(LockReach.Unknown, false, true, true, Second);

    private static readonly FileSystemTraits Local = new(LockReach.Shared, false, true, true, Tick) { QueriesSeeEveryNode = true };

    /// <summary>The traits of a mounted file system.</summary>
    /// <param name="type">Its type as in mountinfo.</param>
    /// <param name="options">Its mount options.</param>
    internal static FileSystemTraits Of(string type, IReadOnlySet<string> options) => type switch
    {
        // One computer, so that the kernel's own lock table is all there is. Punching: fallocate(2), "Deallocating file space".
        "ext4" or "xfs" or "btrfs" or "tmpfs" or "f2fs" => Local with { HasBarrier = true, ListsAttributes = true },
        "bcachefs" or "overlay" or "ramfs" => Local,
        "ext2" or "ext3" => Local with { TimestampGranularity = Second, HasBarrier = true }, // 128-byte inodes keep whole seconds (ext4(5))
        "jfs" or "nilfs2" or "reiserfs" => Local with { CanPunchHoles = false },
        "vfat" or "exfat" => Local with { CanPunchHoles = false, TimestampGranularity = TimeSpan.FromSeconds(2) },
        // OpenZFS 2.2 punches (zpl_fallocate_common); st_blocks follows only with the next transaction group, some 5 s later.
        "zfs" => Local with { AllocationIsTruthful = false },

        // nfs(5): local_lock=, nolock; flock is a range lock over the whole file since Linux 2.6.12. Punching is DEALLOCATE of NFSv4.2.
        "nfs" or "nfs4" => new(NfsReach(options), true, options.Contains("vers=4.2"), true, Second) { RecordFault = NfsRecords },

        // GlusterFS, MooseFS: locks conflict between mounts, and the rest, measured on two and three mounts each. Gluster's posix-locks
        // translator keeps flock and fcntl in one list.
        "fuse.glusterfs" => new(LockReach.Shared, true, true, true, Tick) { ListsAttributes = true, QueriesSeeEveryNode = true },
        // CephFS keeps st_blocks as computed from the size. Its locks conflict between mounts, and get lost (CephLocks).
        "ceph" or "fuse.ceph" or "fuse.ceph-fuse" => new(LockReach.Unreliable, false, true, false, Tick) { LockFault = CephLocks, RecordFault = Untried },
        "fuse.mfs" or "moosefs" or "fuse.moosefs" => new(LockReach.Shared, false, false, true, Second) { RecordFault = Untried },

        // GFS2 hands fcntl locks to dlm (gfs2_lock; measured on two nodes), unless mounted localflocks. Every look at an attribute takes
        // the inode's own cluster lock (gfs2_xattr_get), so it sees what other nodes wrote; measured too.
        "gfs2" => new(options.Contains("localflocks") ? LockReach.NodeLocal : LockReach.Shared, false, true, true, Tick),

        // OCFS2's fcntl locks reach as far as its cluster stack takes them: ClusterStack asks, and this is for where nobody answers.
        "ocfs2" => new(LockReach.NodeLocal, false, true, true, Tick) { RecordFault = Untried },

        // mount.lustre(8): "flock" coherent over the cluster, "localflock" on this client, without either no locks. Punching since 2.14.
        "lustre" => new(LustreReach(options), false, true, true, Second) { RecordFault = Untried },

        // IBM Storage Scale: "supports POSIX advisory byte-range locks across nodes"; gpfs_prealloc(3), fallocate punch.
        "gpfs" => new(LockReach.Shared, false, true, true, Second) { RecordFault = Untried },

        // BeeGFS: tuneUseGlobalFileLocks decides, in a file of the client's that is not ours to read. Locks unknown; no fallocate.
        "beegfs" => Unheard with { CanPunchHoles = false },
        _ => Unheard,
    };

    /// <summary>
    /// The client's cache of extended attributes (fs/nfs/nfs42xattr.c) is dropped by a lock and not by an open: a record was not seen
    /// by the next open, nor 10 s later, and at once under a lock (Linux 6.1, client and server, ext4 below).
    /// </summary>
    private const string NfsRecords = "an NFS client serves extended attributes from its cache until it takes a lock";

    /// <summary>
    /// Between two clients of Ceph 16.2.15, at the offsets that the library locks, another client was granted an exclusive lock beside one that its
    /// holder had taken twice; adjust_locks in src/mds/flock.cc keeps the end of merged locks in an int. R11 takes locks again.
    /// </summary>
    private const string CephLocks = "its metadata server can lose a lock past 2 GiB that its holder takes again";

    /// <summary>What NFS taught: that locks are shared does not say that a look without one is fresh.</summary>
    private const string Untried = "it has not been shown that an open without a lock sees the records that other nodes wrote";

    private static LockReach NfsReach(IReadOnlySet<string> options) =>
        options.Contains("nolock") || options.Contains("local_lock=posix") || options.Contains("local_lock=all")
            ? LockReach.NodeLocal
            : LockReach.Shared;

    private static LockReach LustreReach(IReadOnlySet<string> options) =>
        options.Contains("flock") ? LockReach.Shared
        : options.Contains("localflock") ? LockReach.NodeLocal
        : LockReach.Unknown;
}
