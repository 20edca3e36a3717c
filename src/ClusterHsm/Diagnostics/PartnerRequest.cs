using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What a party is asked to do.</summary>
internal enum PartnerOperation
{
    Hello,
    Open,
    CloseAll,
    Lock,
    Unlock,
    QueryLock,
    LockUnaccounted,
    Flock,
    Unflock,
    PosixLock,
    PosixUnlock,
    ReadAttribute,
    WriteAttribute,
    Read,
    Write,
    Punch,
    FindData,
    Info,
    SetTimes,
    Touch,
    Flush,
    ExcludeOpeners,
    AdmitOpeners,
    Clock,
}

/// <summary>A request; which members count depends on the operation.</summary>
internal sealed record PartnerRequest(PartnerOperation Operation)
{
    /// <summary>The number that opening the file has given.</summary>
    public int File { get; init; }

    public string Path { get; init; } = "";

    public ShardOpenOptions Options { get; init; }

    public long Offset { get; init; }

    public long Length { get; init; }

    public LockKind Kind { get; init; }

    public byte[] Bytes { get; init; } = [];

    public ShardTimestamp Accessed { get; init; }

    public ShardTimestamp Modified { get; init; }
}

/// <summary>An answer; which members count depends on the operation.</summary>
internal sealed record PartnerAnswer
{
    /// <summary>What failed, or None.</summary>
    public ShardError Error { get; init; }

    /// <summary>The failure in words; of a greeting the path of the root.</summary>
    public string Text { get; init; } = "";

    public LockStatus Status { get; init; }

    public int NativeError { get; init; }

    /// <summary>A file's number, a count, a clock reading in nanoseconds; of a greeting the process's number.</summary>
    public long Number { get; init; }

    public byte[]? Bytes { get; init; }

    public long Size { get; init; }

    public long AllocatedBytes { get; init; }

    public ulong Inode { get; init; }

    public ShardTimestamp Accessed { get; init; }

    public ShardTimestamp Modified { get; init; }

    public ShardTimestamp Changed { get; init; }

    /// <summary>Of a greeting: the shard's id, or null where there is no shard.</summary>
    public Guid? ShardId { get; init; }

    /// <summary>Of a greeting: names the instance of the file system in this computer's kernel that serves the party.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Of a greeting: names the running kernel that the party is on.</summary>
    public string Computer { get; init; } = "";
}
