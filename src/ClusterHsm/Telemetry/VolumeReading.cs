namespace ClusterHsm.Telemetry;

/// <summary>A volume whose counts are read when someone wants to know, so that counting costs what it did before.</summary>
internal interface IObservedVolume
{
    /// <summary>The root of its shard.</summary>
    string Root { get; }

    VolumeReading Read();
}

/// <summary>What one volume, or all volumes of a process on one shard, have to say at one moment.</summary>
internal readonly record struct VolumeReading
{
    public long CacheHits { get; init; }

    public long CacheMisses { get; init; }

    public long CacheInserts { get; init; }

    public long CacheClears { get; init; }

    public long StrictLooks { get; init; }

    public long ReadThroughs { get; init; }

    public long ModeChanges { get; init; }

    public long PollsGranted { get; init; }

    public long PollsRefused { get; init; }

    public long OpenFiles { get; init; }

    public long RelaxedNodes { get; init; }

    public long StrictNodes { get; init; }

    /// <summary>Of the node that has least; null if there is no node.</summary>
    public TimeSpan? LeaseRemaining { get; init; }

    public VolumeReading Plus(in VolumeReading other) => new()
    {
        CacheHits = CacheHits + other.CacheHits,
        CacheMisses = CacheMisses + other.CacheMisses,
        CacheInserts = CacheInserts + other.CacheInserts,
        CacheClears = CacheClears + other.CacheClears,
        StrictLooks = StrictLooks + other.StrictLooks,
        ReadThroughs = ReadThroughs + other.ReadThroughs,
        ModeChanges = ModeChanges + other.ModeChanges,
        PollsGranted = PollsGranted + other.PollsGranted,
        PollsRefused = PollsRefused + other.PollsRefused,
        OpenFiles = OpenFiles + other.OpenFiles,
        RelaxedNodes = RelaxedNodes + other.RelaxedNodes,
        StrictNodes = StrictNodes + other.StrictNodes,
        LeaseRemaining = LeaseRemaining is not { } mine ? other.LeaseRemaining
            : other.LeaseRemaining is { } its && its < mine ? its : mine,
    };

    /// <summary>What stays of a volume that was closed: what it has counted.</summary>
    public VolumeReading Closed() => this with { OpenFiles = 0, RelaxedNodes = 0, StrictNodes = 0, LeaseRemaining = null };
}
