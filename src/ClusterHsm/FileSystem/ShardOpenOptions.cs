namespace ClusterHsm.FileSystem;

/// <summary>How a file is opened.</summary>
[Flags]
public enum ShardOpenOptions
{
    /// <summary>To read.</summary>
    Read = 1,

    /// <summary>To write.</summary>
    Write = 2,

    /// <summary>To read and write.</summary>
    ReadWrite = Read | Write,

    /// <summary>Make the file if there is none.</summary>
    Create = 4,

    /// <summary>With <see cref="Create"/>: fail if there is one.</summary>
    Exclusive = 8,
}
