using ClusterHsm.Coordination;

namespace ClusterHsm.Tool.Watch;

/// <summary>All that a view shows at one moment.</summary>
internal sealed record WatchState
{
    /// <summary>The shard's root.</summary>
    public required string Root { get; init; }

    /// <summary>When it was made, by the wall clock of this computer.</summary>
    public required DateTimeOffset Time { get; init; }

    public HandoverPhase Phase { get; init; }

    /// <summary>How long the phase has lasted while it was watched.</summary>
    public TimeSpan PhaseFor { get; init; }

    /// <summary>Those who need to be seen to first.</summary>
    public IReadOnlyList<WatchRow> Rows { get; init; } = [];

    /// <summary>Why the last look failed, in words; null if it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>How long the file system has not answered; null if it has.</summary>
    public TimeSpan? Unanswered { get; init; }

    /// <summary>What all nodes do together; null if nobody has told it yet.</summary>
    public WatchRates? Rates => Rows.Select(static row => row.Rates).Aggregate((WatchRates?)null, static (sum, one) => sum is { } a && one is { } b ? a.Plus(b) : sum ?? one);

    public int CountOf(PartyState state) => Rows.Count(row => row.State == state);
}

/// <summary>A node or a migrator.</summary>
internal sealed record WatchRow
{
    /// <summary>What it has last written of itself, and what its locks tell.</summary>
    public required NodeInfo Party { get; init; }

    public required PartyState State { get; init; }

    /// <summary>How long its file has not changed, or how long it has been gone, while it was watched.</summary>
    public TimeSpan Unchanged { get; init; }

    /// <summary>How long a migrator has been waiting for this node while it was watched; null if none does.</summary>
    public TimeSpan? InTheWay { get; init; }

    /// <summary>Between its last two reports; null if there are none.</summary>
    public WatchRates? Rates { get; init; }
}

/// <summary>What is to be said of a party in a word.</summary>
internal enum PartyState
{
    /// <summary>A node in relaxed mode.</summary>
    Relaxed,

    /// <summary>A node in strict mode.</summary>
    Strict,

    /// <summary>A node that lives but has not written for longer than nodes do: it is stopped, or the file system does not let it.</summary>
    Silent,

    /// <summary>A migrator in a handover.</summary>
    Migrator,

    /// <summary>A party that lives, and whose file nobody can read.</summary>
    Unknown,

    /// <summary>A party whose file outlived it and may not be removed by this user.</summary>
    Dead,

    /// <summary>A party that was there a short while ago.</summary>
    Gone,
}

/// <summary>What nodes do in a second.</summary>
internal readonly record struct WatchRates(double Hits, double Misses, double Looks, double RecalledBytes)
{
    public double Opens => Hits + Misses + Looks;

    /// <summary>Of all opens; null if there were none.</summary>
    public double? HitShare => Opens > 0 ? Hits / Opens : null;

    public WatchRates Plus(in WatchRates other) =>
        new(Hits + other.Hits, Misses + other.Misses, Looks + other.Looks, RecalledBytes + other.RecalledBytes);

    /// <summary>Between two reports of one node; null if its clock was set back, or it tells nothing.</summary>
    public static WatchRates? Between(NodeInfo before, NodeInfo after)
    {
        if (before.Counters is not { } old || after.Counters is not { } now || after.LastWritten - before.LastWritten is not { } time || time <= TimeSpan.Zero)
            return null;
        double seconds = time.TotalSeconds;
        return new WatchRates(Rate(old.Hits, now.Hits), Rate(old.Misses, now.Misses), Rate(old.Looks, now.Looks), Rate(old.RecalledBytes, now.RecalledBytes));

        double Rate(long from, long to) => Math.Max(0, to - from) / seconds;
    }
}
