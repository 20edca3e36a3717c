using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Decides strict or relaxed for one access, within what the protocol allows.</summary>
public abstract class LockModePolicy
{
    /// <summary>Relaxed whenever allowed.</summary>
    public static LockModePolicy Default => throw new NotImplementedException();

    /// <summary>Never relaxed.</summary>
    public static LockModePolicy AlwaysStrict => throw new NotImplementedException();

    /// <summary>Decides.</summary>
    public abstract LockMode Decide(in LockModeContext context);
}

/// <summary>What a policy may look at.</summary>
public readonly record struct LockModeContext
{
    /// <summary>What the protocol allows.</summary>
    public required LockMode Allowed { get; init; }

    /// <summary>How long the node has been in that mode without a break.</summary>
    public required TimeSpan InModeFor { get; init; }

    /// <summary>Which file.</summary>
    public required FileIdentity File { get; init; }
}
