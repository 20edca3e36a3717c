namespace ClusterHsm.FileSystem;

/// <summary>A name in a directory.</summary>
/// <param name="Name">The name, escaped as <see cref="IShardFileSystem"/> says.</param>
/// <param name="Type">What the directory says it is; <see cref="ShardEntryType.Unknown"/> where it does not say.</param>
/// <param name="Inode">The inode number that the directory gives.</param>
public readonly record struct ShardEntry(string Name, ShardEntryType Type, ulong Inode);

/// <summary>Kinds of things that have a name.</summary>
public enum ShardEntryType
{
    /// <summary>Not told.</summary>
    Unknown = 0,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A device, a pipe or a socket.</summary>
    Other,
}
