namespace ClusterHsm.Coordination;

/// <summary>A party on a shard, as its file in <c>.clusterhsm/nodes</c> and the locks on it show it.</summary>
/// <remarks>Who is alive and who holds quiesce is proven by locks. The rest is what the party last wrote of itself.</remarks>
public sealed record NodeInfo
{
    /// <summary>Its name in <c>.clusterhsm/nodes</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The computer's name, or null if the file cannot be read.</summary>
    public string? Host { get; init; }

    /// <summary>The process's number on that computer, or 0.</summary>
    public int ProcessId { get; init; }

    /// <summary>The process's name, or null.</summary>
    public string? ProcessName { get; init; }

    /// <summary>The mode it last wrote.</summary>
    public LockMode Mode { get; init; }

    /// <summary>Why it was in that mode; null for a migrator, and for a node of a version that does not tell.</summary>
    public ModeReason? Reason { get; init; }

    /// <summary>What it had done by then; null for a migrator, and for a node of a version that does not tell.</summary>
    public NodeCounters? Counters { get; init; }

    /// <summary>How far a migrator was by then; null for a node, and for a migrator of a version that does not tell.</summary>
    public HandoverProgress? Handover { get; init; }

    /// <summary>How many polls it had made by then.</summary>
    public long Polls { get; init; }

    /// <summary>When it last wrote, by the wall clock of its computer: for people, never for a decision.</summary>
    public DateTimeOffset? LastWritten { get; init; }

    /// <summary>Whether its process is alive, as far as the file system knows: it holds the lock of its own file.</summary>
    public bool IsAlive { get; init; }

    /// <summary>Whether it holds quiesce, or is about to take it: a migrator has to wait for it.</summary>
    public bool HoldsQuiesce { get; init; }

    /// <summary>Whether it is a migrator in a handover and not a node.</summary>
    public bool IsMigrator { get; init; }

    /// <summary>For messages: host, process and id.</summary>
    public override string ToString() => Host is null ? Id : $"{ProcessName} (process {ProcessId} on {Host}, {Id})";
}

/// <summary>What a party does on a shard.</summary>
internal enum NodeRole
{
    /// <summary>Reads and writes files.</summary>
    Node,

    /// <summary>Makes stubs.</summary>
    Migrator,
}
