namespace ClusterHsm.FileSystem;

/// <summary>What <c>stat</c> says of a file.</summary>
public readonly record struct ShardFileInfo
{
    /// <summary>Which file.</summary>
    public required FileIdentity Identity { get; init; }

    /// <summary>File, directory, symbolic link or something else.</summary>
    public required ShardEntryType Type { get; init; }

    /// <summary>Size in bytes; of a stub the size its data has.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes allocated on the shard. Proves nothing where <see cref="ShardCapabilities.AllocationIsTruthful"/> is false.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>When data was last read, as far as the mount keeps it.</summary>
    public required ShardTimestamp Accessed { get; init; }

    /// <summary>When data was last written (mtime).</summary>
    public required ShardTimestamp Modified { get; init; }

    /// <summary>When data or attributes last changed (ctime).</summary>
    public required ShardTimestamp Changed { get; init; }

    /// <summary>Permission bits.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>Owner.</summary>
    public required uint UserId { get; init; }

    /// <summary>Group.</summary>
    public required uint GroupId { get; init; }

    /// <summary>
    /// Whether the file is marked as one whose data is elsewhere, to be fetched when it is read (Windows: the attributes OFFLINE and
    /// RECALL_ON_DATA_ACCESS; macOS: SF_DATALESS); by ClusterHsm (<see cref="IShardFile.MarkOffline"/>) or by another storage manager.
    /// Windows tells of RECALL_ON_OPEN in directories only: <see cref="IShardFileSystem.IsOffline"/> sees that too.
    /// </summary>
    public bool IsOffline { get; init; }

    /// <summary>Names that the file has; 0 once it is deleted and still open.</summary>
    public required uint LinkCount { get; init; }
}
