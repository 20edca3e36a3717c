namespace ClusterHsm.Coordination;

/// <summary>What a party has to say of itself in <c>.clusterhsm/nodes</c>.</summary>
internal readonly record struct NodeReport(LockMode Mode)
{
    /// <summary>Why; null for a migrator, which has no mode.</summary>
    public ModeReason? Reason { get; init; }

    /// <summary>Polls that were answered.</summary>
    public long Polls { get; init; }

    /// <summary>Null for a migrator.</summary>
    public NodeCounters? Counters { get; init; }

    /// <summary>Null for a node.</summary>
    public HandoverProgress? Handover { get; init; }
}
