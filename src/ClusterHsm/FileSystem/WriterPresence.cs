namespace ClusterHsm.FileSystem;

/// <summary>Whether a file is open for writing somewhere on this computer.</summary>
public enum WriterPresence
{
    /// <summary>This file system or this process's rights do not let the kernel say.</summary>
    Unknown,

    /// <summary>It is open for writing nowhere on this computer.</summary>
    None,

    /// <summary>It is open for writing.</summary>
    Present,
}

/// <summary>What came of the attempt to hold other openers back.</summary>
public enum OpenerExclusion
{
    /// <summary>This file system or this process's rights do not allow it.</summary>
    NotSupported,

    /// <summary>Others have the file open; nothing was changed.</summary>
    OthersHaveItOpen,

    /// <summary>Nobody else has the file open, and nobody gets it until it is admitted.</summary>
    Excluded,
}
