namespace ClusterHsm.FileSystem;

/// <summary>Which file a handle stands for: its inode and its device. The same on every node of a shard; kept by a rename.</summary>
/// <param name="Inode">The inode number, never 0. Above 2^53 on some file systems.</param>
/// <param name="OnShardDevice">
/// Whether the file is on the same device as the root. What is not (another file system mounted below the root) is never cached and
/// never migrated. Asked by its path, a place where something is mounted is not on the shard's device either, whatever that is.
/// </param>
public readonly record struct FileIdentity(ulong Inode, bool OnShardDevice)
{
    /// <summary>
    /// Whether the file system's own number has more than 64 bits (ReFS) and <see cref="Inode"/> is made of it: two files might have the
    /// same. Such a file is never cached, so every access to it is strict.
    /// </summary>
    public bool IsFolded { get; init; }
}
