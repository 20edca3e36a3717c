namespace ClusterHsm.Diagnostics;

/// <summary>
/// After how long servers take the locks of a client away that they do not hear of: a lease must be shorter (R11), or a node goes on
/// to trust a lock that another has got meanwhile.
/// </summary>
internal static class SilentClients
{
    /// <summary>The shortest time that was measured on any file system: the rule where nothing is known.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(8);

    /// <summary>Whether a file system is known to belong to one computer alone.</summary>
    public static bool HasOneComputer(string fileSystemType) => Of(fileSystemType) is { } known && known.Time == Timeout.InfiniteTimeSpan;

    /// <summary>What is known of a file system, as mountinfo names it.</summary>
    /// <returns>Null for one that is not known. A time of infinity: one computer, no server.</returns>
    public static (TimeSpan Time, string Words)? Of(string fileSystemType) => fileSystemType switch
    {
        "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "tmpfs" or "f2fs" or "bcachefs" or "overlay" or "ramfs" or "zfs" or "jfs"
            or "nilfs2" or "reiserfs" or "vfat" or "exfat" or "apfs" or "hfs"
            => (Timeout.InfiniteTimeSpan, "one computer and no server: its kernel takes no lock from a living process"),

        // Measured with the network cut: 8 s with direct I/O and a short ping timeout, 42 s with the default network.ping-timeout.
        "fuse.glusterfs" => (Shortest, "GlusterFS takes them after network.ping-timeout: 42 s by default, 8 s where it was made short"),

        // Measured with the network cut: 33 s. Session timeouts are the file system's own (ceph fs get, session_timeout).
        "ceph" or "fuse.ceph" or "fuse.ceph-fuse" => (TimeSpan.FromSeconds(33), "CephFS took them after 33 s"),
        "fuse.mfs" or "moosefs" or "fuse.moosefs" => (TimeSpan.FromSeconds(150), "MooseFS kept them for more than 150 s"),
        "gfs2" => (TimeSpan.FromSeconds(20), "GFS2 took a crashed node's after about 20 s"),

        // knfsd's lease time, /proc/fs/nfsd/nfsv4leasetime.
        "nfs4" => (TimeSpan.FromSeconds(90), "an NFSv4 server takes them after its lease time, 90 s by default"),
        _ => null,
    };
}
