namespace ClusterHsm.Coordination;

/// <summary>How far a migrator is in its handover, as it last wrote of itself in <c>.clusterhsm/nodes</c>. For people, never for a decision.</summary>
public readonly record struct HandoverProgress
{
    /// <summary>Files that were to become stubs when it began.</summary>
    public long Files { get; init; }

    /// <summary>Files that have become stubs.</summary>
    public long Done { get; init; }

    /// <summary>Bytes that these have.</summary>
    public long Bytes { get; init; }
}
