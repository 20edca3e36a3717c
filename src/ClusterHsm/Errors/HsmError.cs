namespace ClusterHsm;

/// <summary>The failures that ClusterHsm names. The number is the command's exit code; 1 is "several files failed", 2 is wrong usage.</summary>
public enum HsmError
{
    /// <summary>The directory and its parents hold no <c>.clusterhsm</c>.</summary>
    NotAShard = 10,

    /// <summary>The shard was made by a newer version of ClusterHsm.</summary>
    NewerFormat = 11,

    /// <summary>The secondary storage cannot be reached or is not the one the shard was made with.</summary>
    StoreUnavailable = 12,

    /// <summary>Permission is missing.</summary>
    AccessDenied = 13,

    /// <summary>The file is on another device than the shard's root.</summary>
    OtherDevice = 14,

    /// <summary>The record on a file cannot be believed.</summary>
    InvalidRecord = 15,

    /// <summary>The file is a stub and the caller asked not to recall.</summary>
    Stub = 16,

    /// <summary>The file is locked or open for writing elsewhere.</summary>
    Busy = 17,

    /// <summary>Nodes did not leave relaxed mode in time.</summary>
    HandoverTimeout = 18,

    /// <summary>The object that a record points at is not in the store.</summary>
    ObjectMissing = 19,

    /// <summary>The object's bytes are not those that were archived.</summary>
    DigestMismatch = 20,

    /// <summary>A stub holds data that no recall wrote.</summary>
    ForeignData = 21,

    /// <summary>The shard or the store is full.</summary>
    NoSpace = 22,

    /// <summary>There is no such file.</summary>
    NotFound = 23,

    /// <summary>The file system lacks something that is needed: records, holes or locks that all nodes see.</summary>
    NotSupported = 24,

    /// <summary>The shard is mounted read-only here.</summary>
    ReadOnly = 25,

    /// <summary>The path leads out of the shard.</summary>
    OutsideRoot = 26,

    /// <summary>The shard's own files are damaged or missing, or it lies in another shard.</summary>
    InvalidShard = 27,

    /// <summary>There is data where a stub was to be made, or a shard at or around the place where one was to be made.</summary>
    AlreadyExists = 28,

    /// <summary>The file system failed in a way without a name here; the message holds its own words.</summary>
    FileSystem = 29,

    /// <summary>Only a regular file can be opened.</summary>
    NotARegularFile = 30,

    /// <summary>The record on a file, or an export, is not signed with the shard's key.</summary>
    UntrustedRecord = 31,
}
