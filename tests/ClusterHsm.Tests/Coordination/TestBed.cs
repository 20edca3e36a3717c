using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.Tests.Coordination;

/// <summary>A shard in memory with nodes that poll when they are told to, and a time that moves by hand.</summary>
internal sealed class TestBed
{
    public static readonly LockRange AllSlots = new(0, 4096);

    public TestBed(InMemoryClusterOptions? options = null, ShardDescriptor? descriptor = null)
    {
        Cluster = new InMemoryCluster(options);
        Descriptor = descriptor ?? NewDescriptor();
        ShardDescriptor.Initialize(Cluster.AddNode("init"), Descriptor);
    }

    public InMemoryCluster Cluster { get; }

    public ShardDescriptor Descriptor { get; }

    public TimeSpan Lease => Descriptor.LeaseDuration;

    public TimeSpan HandoverTime => Descriptor.LeaseDuration + Descriptor.ClockDriftMargin;

    public static ShardDescriptor NewDescriptor() => new()
    {
        ShardId = new Guid("11111111-2222-3333-4444-555555555555"),
        StoreLocation = new Uri("file:///backup/store"),
        StoreId = new Guid("66666666-7777-8888-9999-aaaaaaaaaaaa"),
    };

    public TestNode AddNode(string name, SignalFileOptions? options = null, InMemoryNodeOptions? nodeOptions = null) =>
        new(Cluster.AddNode(name, nodeOptions), options);

    /// <summary>A party that takes locks as a migrator of another make would: without a handover.</summary>
    public IShardFile OpenControlFile(string path) => Cluster.AddNode("other").Open(path, ShardOpenOptions.ReadWrite);

    /// <summary>
    /// Moves the time. What waits for a timer goes on inside this call: the runner's synchronisation context would have it go on elsewhere,
    /// at a time that the test does not know.
    /// </summary>
    public void Advance(double seconds)
    {
        SynchronizationContext? runner = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Cluster.Advance(TimeSpan.FromSeconds(seconds));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(runner);
        }
    }

    /// <summary>Moves the time until a task is done; the action comes after each step.</summary>
    public async Task<T> PumpAsync<T>(ValueTask<T> work, Action? eachStep = null, double stepSeconds = 0.01)
    {
        Task<T> task = work.AsTask();
        for (int step = 0; step < 20_000 && !task.IsCompleted; step++)
        {
            Advance(stepSeconds);
            eachStep?.Invoke();
            await Task.Yield();
        }
        return await task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public Task<Handover> BeginAsync(
        InMemoryNode migrator, HandoverOptions? options = null, Action? eachStep = null, CancellationToken cancellation = default) =>
        PumpAsync(Handover.BeginAsync(migrator, Descriptor, options ?? new HandoverOptions { Random = new Random(1) }, cancellation), eachStep);
}

/// <summary>A node with its cache and its monitor.</summary>
internal sealed class TestNode
{
    public TestNode(InMemoryNode shard, SignalFileOptions? options = null, ILogger? logger = null)
    {
        Shard = shard;
        Cache = new InodeCache(1000);
        Monitor = SignalFileLockMonitor.CreateStepped(shard, Cache, options ?? new SignalFileOptions { Random = new Random(shard.Name.Length) }, logger);
    }

    public InMemoryNode Shard { get; }

    public InodeCache Cache { get; }

    public SignalFileLockMonitor Monitor { get; }

    public bool IsRelaxed => Monitor.IsRelaxed(Cache.Epoch);

    public ModeReason Reason => Monitor.State.Reason;

    public bool HoldsQuiesce => Shard.HeldLocks.Any(held =>
        held.Path == ControlFolder.QuiescePath && held.Kind == LockKind.Shared && held.Range == TestBed.AllSlots);

    public TestNode Polled()
    {
        Monitor.Poll();
        return this;
    }
}
