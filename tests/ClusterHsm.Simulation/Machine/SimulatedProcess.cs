using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>A process on the cluster: its view of shard and store, its clock, and what is being done to it.</summary>
internal sealed class SimulatedProcess
{
    private readonly InMemoryCluster _cluster;
    private readonly Random _random;

    public SimulatedProcess(string name, InMemoryCluster cluster, Scheduler scheduler, ISecondaryStore store, World world, Random random, History history)
    {
        Name = name;
        _cluster = cluster;
        _random = random;
        Node = cluster.AddNode(name, new InMemoryNodeOptions { ClockRate = world.NextClockRate(random) });
        Clock = new SimulatedClock(Node.Clock, scheduler, world, random);
        Shard = new SimulatedShard(this, scheduler, history);
        Store = new SimulatedStore(this, store, scheduler, history);
    }

    public string Name { get; }

    public InMemoryNode Node { get; }

    public SimulatedClock Clock { get; }

    public SimulatedShard Shard { get; }

    public SimulatedStore Store { get; }

    public InodeCache Cache { get; } = new(16);

    public SignalFileLockMonitor? Monitor { get; set; }

    public bool IsDead => Node.IsCrashed;

    /// <summary>Until when all of it is stopped: SIGSTOP, or a cut cable.</summary>
    public long PausedUntil { get; set; }

    /// <summary>Until when its alarms do not go off: after a pause, other threads may be the first to run.</summary>
    public long AlarmsHeldUntil { get; set; }

    /// <summary>When the server takes its locks away, because nothing was heard of it for so long.</summary>
    public long LosesLocksAt { get; set; } = long.MaxValue;

    /// <summary>Until when its calls for locks fail.</summary>
    public long LockErrorsUntil { get; set; }

    public MigrationContext Migration => field ??=
        new MigrationContext(Shard, ShardDescriptor.Load(Shard), () => Store, TimeSpan.FromSeconds(20), maxConcurrentRecalls: 4);

    public void OnTime(long now, Random random)
    {
        if (now >= LosesLocksAt)
        {
            LosesLocksAt = long.MaxValue;
            Node.LoseLocks();
        }
        if (now >= PausedUntil && now >= AlarmsHeldUntil && !IsDead)
            Clock.FireAlarms();
    }

    /// <summary>A fail-over that forgets this node's quiesce lock.</summary>
    public void LoseQuiesce()
    {
        foreach (Inode inode in _cluster.Inodes)
            if (inode.Locks.List().Any(held => held.Owner.Node == Node && held.Owner.Path == ControlFolder.QuiescePath))
                inode.Locks.ReleaseAll(Node);
    }

    public ShardError? LockError(long now) => now >= LockErrorsUntil ? null : _random.Next(20) switch
    {
        0 => null,
        < 7 => ShardError.Other,
        < 14 => ShardError.Temporary,
        _ => ShardError.NotSupported,
    };
}
