namespace ClusterHsm.Tool.Watch;

/// <summary>What migrators do on a shard, as the locks on its control files show it.</summary>
internal enum HandoverPhase
{
    /// <summary>The file system did not answer the question.</summary>
    Unknown = 0,

    /// <summary>Nobody holds the signal: no migration is about to occur.</summary>
    None,

    /// <summary>A migrator holds the signal and waits for nodes to leave relaxed mode.</summary>
    Waiting,

    /// <summary>A migrator holds the quiesce file too: no node is relaxed.</summary>
    Releasing,
}
