using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Stubs;

/// <summary>The record that a file carries: what is known of its copy in secondary storage.</summary>
public sealed record StubRecord
{
    /// <summary>The extended attribute that holds it.</summary>
    public const string AttributeName = "user.clusterhsm";

    /// <summary>Where the data is.</summary>
    public required FileState State { get; init; }

    /// <summary>How often this inode has become a stub; never falls.</summary>
    public required long ReleaseCount { get; init; }

    /// <summary>The shard that made the record.</summary>
    public required Guid ShardId { get; init; }

    /// <summary>The store that has the object.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>The object.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>Size of file and object in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file's mtime when it was copied.</summary>
    public required ShardTimestamp Modified { get; init; }

    /// <summary>The file's ctime when it was copied, before the record was written; a second before 1970 while a release is under way.</summary>
    public required ShardTimestamp Changed { get; init; }

    /// <summary>Digest of the object's bytes.</summary>
    public required ContentDigest Digest { get; init; }
}
