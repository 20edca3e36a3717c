namespace ClusterHsm.Torture;

/// <summary>What can go wrong. On the command line the names are written with dashes: <c>kill-node</c>.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL.</summary>
    KillNode,

    /// <summary>SIGSTOP for longer than a lease, then SIGCONT.</summary>
    StopNode,
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
