namespace ClusterHsm.Coordination;

/// <summary>What a node has done since it joined, as it last wrote of itself in <c>.clusterhsm/nodes</c>. For people, never for a decision.</summary>
public readonly record struct NodeCounters
{
    /// <summary>Opens of files that its cache knew as regular: no lock, no look.</summary>
    public long Hits { get; init; }

    /// <summary>Opens in relaxed mode that had to look at the mark.</summary>
    public long Misses { get; init; }

    /// <summary>Times that it locked a file and looked at it.</summary>
    public long Looks { get; init; }

    /// <summary>Files that are open and calls that run at that moment.</summary>
    public long Open { get; init; }

    /// <summary>Recalls that its files asked for.</summary>
    public long Recalls { get; init; }

    /// <summary>Bytes that they transferred.</summary>
    public long RecalledBytes { get; init; }

    /// <summary>Recalls that wait or run at that moment.</summary>
    public long Recalling { get; init; }

    /// <summary>Reads that were served from secondary storage and left the stub a stub.</summary>
    public long ReadThroughs { get; init; }

    internal NodeCounters Plus(in NodeCounters other) => new()
    {
        Hits = Hits + other.Hits,
        Misses = Misses + other.Misses,
        Looks = Looks + other.Looks,
        Open = Open + other.Open,
        Recalls = Recalls + other.Recalls,
        RecalledBytes = RecalledBytes + other.RecalledBytes,
        Recalling = Recalling + other.Recalling,
        ReadThroughs = ReadThroughs + other.ReadThroughs,
    };

    /// <summary>What stays of a volume that was closed: what it has counted.</summary>
    internal NodeCounters Closed() => this with { Open = 0, Recalling = 0 };
}
