namespace ClusterHsm.Diagnostics;

/// <summary>What a trial showed.</summary>
public enum DoctorVerdict
{
    /// <summary>It could not be tried, or the trial had no clear end.</summary>
    CouldNotTell = 0,

    /// <summary>It is as ClusterHsm needs or expects it.</summary>
    Holds,

    /// <summary>It was tried and is not so.</summary>
    DoesNotHold,
}

/// <summary>What cannot be had where something does not hold.</summary>
public enum DoctorNeed
{
    /// <summary>Nothing: good to know.</summary>
    Nothing = 0,

    /// <summary>Relaxed mode: without it, every access must be strict.</summary>
    Relaxed,

    /// <summary>Migration: without it, no file may be released.</summary>
    Migration,

    /// <summary>Work of any kind, by this user or at this moment; it says nothing about what would be safe.</summary>
    Operation,
}

/// <summary>What is safe on a shard.</summary>
public enum SafeMode
{
    /// <summary>Something that is needed could not be tried: nothing is promised.</summary>
    NotProven = 0,

    /// <summary>No file may be released here.</summary>
    MigrationRefused,

    /// <summary>Files may be released if every node works strictly.</summary>
    StrictOnly,

    /// <summary>Nodes may work relaxed.</summary>
    RelaxedPossible,
}

/// <summary>What a migrator can wait for before it releases a file (R4).</summary>
public enum WaitingRule
{
    /// <summary>Nothing that could be relied on.</summary>
    None = 0,

    /// <summary>The lease and the drift margin: a killed node's quiesce lock may stay, so waiting for quiesce may not end.</summary>
    LeaseAlone,

    /// <summary>Quiesce: the clocks do not run at one rate, so the lease says nothing.</summary>
    QuiesceAlone,

    /// <summary>Both.</summary>
    QuiesceAndLease,
}
