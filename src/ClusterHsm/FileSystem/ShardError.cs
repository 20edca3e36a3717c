namespace ClusterHsm.FileSystem;

/// <summary>Kinds of failures of a shard, the same on every platform.</summary>
public enum ShardError
{
    /// <summary>No failure.</summary>
    None = 0,

    /// <summary>Any failure without a kind of its own; see the native error.</summary>
    Other,

    /// <summary>Nothing has this name.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>Permission is missing.</summary>
    AccessDenied,

    /// <summary>The file system is mounted read-only.</summary>
    ReadOnly,

    /// <summary>A directory, device, pipe or socket where a regular file was asked for, or a file where a directory was.</summary>
    NotARegularFile,

    /// <summary>The path leaves the root.</summary>
    OutsideRoot,

    /// <summary>No space, or the quota is used up.</summary>
    NoSpace,

    /// <summary>Another process holds openers back, or the file is executing.</summary>
    Busy,

    /// <summary>The file system cannot do this.</summary>
    NotSupported,

    /// <summary>A value does not fit.</summary>
    TooLarge,

    /// <summary>The descriptor is dead (EBADFD, ECONNABORTED, ENOTCONN, ESHUTDOWN, ESTALE, EIO): close it and open the file anew.</summary>
    DeadHandle,

    /// <summary>The call was interrupted, or the system has run out of locks, memory or descriptors: it may work again later.</summary>
    Temporary,
}
