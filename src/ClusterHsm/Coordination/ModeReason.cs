namespace ClusterHsm.Coordination;

/// <summary>Why a node is in its mode. All but <see cref="SignalFree"/> mean <see cref="LockMode.Strict"/>.</summary>
public enum ModeReason
{
    /// <summary>No poll has been answered yet.</summary>
    Starting = 0,

    /// <summary>The signal lock was granted: no migration is about to occur.</summary>
    SignalFree,

    /// <summary>A migrator holds the signal.</summary>
    SignalHeld,

    /// <summary>A migrator holds the quiesce file, so this node may not join those that are relaxed (R3).</summary>
    QuiesceHeld,

    /// <summary>The quiesce lock that this node held was refused when it was taken again: it had been lost.</summary>
    QuiesceLost,

    /// <summary>No poll was answered in time: the node was paused, or the file system is slow or hangs (R1, R2).</summary>
    LeaseRanOut,

    /// <summary>The signal or the quiesce file is gone, or is not a regular file.</summary>
    SignalMissing,

    /// <summary>
    /// The signal or the quiesce file was replaced by another of its name, or is not known to be the one that the shard was made with: a
    /// migrator may still be at work under the old one. Lasts for the lease and the drift margin.
    /// </summary>
    SignalReplaced,

    /// <summary>Permission to read the signal or the quiesce file is missing.</summary>
    SignalUnreadable,

    /// <summary>The file system did not answer the question (R9).</summary>
    LockFailed,

    /// <summary>Locks are not known to be seen by every node of this file system (R9). Lasts for ever.</summary>
    LocksNotShared,

    /// <summary>The monitor was disposed. Lasts for ever.</summary>
    Stopped,

    /// <summary>A look without a lock can miss a record of another node on this file system (R9). Lasts for ever.</summary>
    RecordsSeenLate,
}
