namespace ClusterHsm;

/// <summary>What a volume has done since it was opened.</summary>
public readonly record struct HsmVolumeCounters
{
    /// <summary>Opens of files that the cache knew as regular: no lock, no look.</summary>
    public long CacheHits { get; init; }

    /// <summary>Opens in relaxed mode that had to look at the mark.</summary>
    public long CacheMisses { get; init; }

    /// <summary>Inodes that were seen to be regular and remembered.</summary>
    public long CacheInserts { get; init; }

    /// <summary>Times that a file was locked and looked at.</summary>
    public long StrictLooks { get; init; }

    /// <summary>Recalls that this volume asked for.</summary>
    public long Recalls { get; init; }

    /// <summary>Bytes that they transferred.</summary>
    public long RecalledBytes { get; init; }

    /// <summary>Reads that were served from secondary storage and left the stub a stub.</summary>
    public long ReadThroughs { get; init; }

    /// <summary>Files that are open and calls that run at this moment.</summary>
    public long Accesses { get; init; }
}
