using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>What a <see cref="LockModePolicy"/> may look at.</summary>
public readonly record struct LockModeContext
{
    /// <summary>What the protocol allows at this moment.</summary>
    public required LockMode Allowed { get; init; }

    /// <summary>How long the node has been in that mode without a break.</summary>
    public required TimeSpan InModeFor { get; init; }

    /// <summary>Which file is accessed.</summary>
    public required FileIdentity File { get; init; }
}
