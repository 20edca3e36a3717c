namespace ClusterHsm.Testing;

/// <summary>What is special about one node of an <see cref="InMemoryCluster"/>.</summary>
public sealed record InMemoryNodeOptions
{
    /// <summary>How fast its clock runs under <see cref="InMemoryCluster.Advance"/>.</summary>
    /// <value>Above 0; 1.01 gains 1 %. Default: 1.</value>
    public double ClockRate { get; init; } = 1;

    /// <summary>Whether it has mounted the shard read-only.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The user that its process runs as. Permission bits are heeded for all but 0.</summary>
    public uint UserId { get; init; }

    /// <summary>The group that its process runs as.</summary>
    public uint GroupId { get; init; }
}
