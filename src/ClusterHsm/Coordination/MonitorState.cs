namespace ClusterHsm.Coordination;

/// <summary>What a <see cref="SignalFileLockMonitor"/> can say of itself at one moment. Immutable.</summary>
public sealed record MonitorState
{
    /// <summary>The mode, judged by the clock of whoever asked: strict once the lease has run out, even if the monitor hangs.</summary>
    public required LockMode Mode { get; init; }

    /// <summary>Why.</summary>
    public required ModeReason Reason { get; init; }

    /// <summary>The same in words, without a full stop.</summary>
    public required string Explanation { get; init; }

    /// <summary>How long the mode has lasted without a break.</summary>
    public required TimeSpan TimeInMode { get; init; }

    /// <summary>How much longer relaxed work is allowed if no further poll is granted; zero in strict mode.</summary>
    public required TimeSpan LeaseRemaining { get; init; }

    /// <summary>The present epoch of the cache (R5).</summary>
    public required long Epoch { get; init; }

    /// <summary>The last failure of the file system that a poll met, in words, or null if there was none. Kept after recovery.</summary>
    public string? LastError { get; init; }

    /// <summary>Polls that were answered.</summary>
    public required long Polls { get; init; }

    /// <summary>Polls after which the node was relaxed.</summary>
    public required long Grants { get; init; }

    /// <summary>How often the node has changed from one mode to the other.</summary>
    public required long ModeChanges { get; init; }

    /// <summary>This node's name in <c>.clusterhsm/nodes</c>, or null while it has none.</summary>
    public string? NodeId { get; init; }

    /// <summary>Why others cannot see this node in <c>.clusterhsm/nodes</c>, or null if they can. Harmless but for diagnosis.</summary>
    public string? PresenceError { get; init; }
}

/// <summary>A change of mode.</summary>
/// <param name="mode">The mode now.</param>
/// <param name="reason">Why.</param>
/// <param name="explanation">The same in words.</param>
public sealed class ModeChangedEventArgs(LockMode mode, ModeReason reason, string explanation) : EventArgs
{
    /// <summary>The mode that began.</summary>
    public LockMode Mode { get; } = mode;

    /// <summary>Why.</summary>
    public ModeReason Reason { get; } = reason;

    /// <summary>The same in words, without a full stop.</summary>
    public string Explanation { get; } = explanation;
}
