namespace ClusterHsm.Torture;

/// <summary>What can go wrong. On the command line the names are written with dashes: <c>kill-node</c>.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL.</summary>
    KillNode,

    /// <summary>SIGSTOP for longer than a lease, then SIGCONT.</summary>
    StopNode,

    /// <summary>It stops itself just before it reads or writes data; then SIGCONT, as above.</summary>
    FreezeNode,

    /// <summary>All lock calls of a node fail for a while.</summary>
    LockErrors,
    KillMigrator,
    StopMigrator,

    /// <summary>A mount's client is without network for a while.</summary>
    Cut,

    /// <summary>A mount's client daemon is killed and the mount made anew.</summary>
    KillClient,

    /// <summary>A filler takes all space of the shard's file system for a while.</summary>
    FullShard,
    FullStore,
    StoreErrors,
    SlowStore,

    /// <summary>A process is stopped, and when it has been silent for longer than a lease its locks are taken away, as a server does.</summary>
    LoseLocks,
}

internal static class FaultNames
{
    public static string Name(this FaultKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));

    public static bool TryParse(string name, out FaultKind kind)
    {
        kind = Enum.GetValues<FaultKind>().FirstOrDefault(each => each.Name() == name);
        return kind.Name() == name;
    }
}
