using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.Tests.Volume;

/// <summary>Volumes of several nodes on a shard in memory: for faults that no local file system can be made to show.</summary>
internal sealed class VolumeInMemory : IDisposable
{
    public const string Name = "f";

    private readonly TestBed _bed;

    public VolumeInMemory(TimeSpan? lease = null)
    {
        ShardDescriptor descriptor = TestBed.NewDescriptor() with { StoreId = Store.Id };
        _bed = new TestBed(descriptor: lease is { } duration ? descriptor with { LeaseDuration = duration } : descriptor);
        Migrator = AddNode("migrator", isPolled: false);
    }

    public InMemoryStore Store { get; } = new();

    public MemoryNode Migrator { get; }

    public TimeSpan Lease => _bed.Lease;

    public MemoryNode AddNode(string name, LockModePolicy? policy = null, bool isPolled = true, double clockRate = 1, ISecondaryStore? store = null,
        ILogger? logger = null)
    {
        InMemoryNode shard = _bed.Cluster.AddNode(name, new InMemoryNodeOptions { ClockRate = clockRate });
        InodeCache cache = new(1000);
        WatchedShard withoutAlarm = new(shard, new NoAlarmClock(shard.Clock));
        SignalFileLockMonitor monitor = SignalFileLockMonitor.CreateStepped(withoutAlarm, cache, new SignalFileOptions { Random = new Random(1) }, logger);
        if (isPolled)
            monitor.Poll();
        return new MemoryNode(shard, monitor, new HsmVolume(withoutAlarm, cache, monitor, policy ?? LockModePolicy.Default, store ?? Store));
    }

    /// <summary>Writes a file and archives it.</summary>
    public async Task<byte[]> ArchiveAsync(string name = Name, int size = 50_000)
    {
        byte[] bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        using (IShardFile file = Migrator.Shard.Open(name, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create))
            file.Write(bytes, 0);
        await PumpAsync(Migrator.Volume.ArchiveAsync([name], LocalShard.AtOnce));
        return bytes;
    }

    /// <summary>A session, in which the time goes on and the nodes do what the test wants.</summary>
    public Task<MigrationSummary> ReleaseAsync(Action? eachStep = null, MigrationOptions? options = null, params string[] names) =>
        PumpAsync(Migrator.Volume.ReleaseAsync(names.Length == 0 ? [Name] : names, options ?? LocalShard.AtOnce), eachStep);

    /// <summary>Moves the time in steps until work is done that waits for it.</summary>
    public async Task<T> PumpAsync<T>(Task<T> work, Action? eachStep = null)
    {
        while (!work.IsCompleted)
        {
            _bed.Advance(0.05);
            eachStep?.Invoke();
            await Task.WhenAny(work, Task.Delay(1));
        }
        return await work;
    }

    public void Advance(TimeSpan time) => _bed.Advance(time.TotalSeconds);

    public void Dispose() => Migrator.Shard.Dispose();
}

/// <summary>One node of it.</summary>
internal sealed record MemoryNode(InMemoryNode Shard, SignalFileLockMonitor Monitor, HsmVolume Volume);
