using ClusterHsm.Coordination;
using ClusterHsm.Tool.Watch;

namespace ClusterHsm.Tests.Tool.Watch;

/// <summary>Nodes and migrators as a look sees them.</summary>
internal static class Parties
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 20, 11, 2, TimeSpan.Zero);

    public static NodeInfo Node(string host, LockMode mode = LockMode.Relaxed, NodeCounters? counters = null, int secondsAgo = 0) => new()
    {
        Id = $"{host}-4711-0000beef",
        Host = host,
        ProcessId = 4711,
        ProcessName = "reader",
        Mode = mode,
        Reason = mode == LockMode.Relaxed ? ModeReason.SignalFree : ModeReason.SignalHeld,
        Counters = counters ?? new NodeCounters(),
        Polls = 100,
        LastWritten = Now - TimeSpan.FromSeconds(secondsAgo),
        IsAlive = true,
        HoldsQuiesce = mode == LockMode.Relaxed,
    };

    public static NodeInfo Migrator(string host, HandoverProgress? handover = null) => new()
    {
        Id = $"{host}-88-0000cafe",
        Host = host,
        ProcessId = 88,
        ProcessName = "clusterhsm",
        Handover = handover,
        LastWritten = Now,
        IsAlive = true,
        IsMigrator = true,
    };

    public static ShardSight Sight(HandoverPhase phase, params IReadOnlyList<NodeInfo> parties) => new(Now, phase, parties);
}
