using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.SecondaryStorage;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.NodeProcess;

/// <summary>A node composed by hand of parts that a test can get at.</summary>
internal sealed class ComposedNode : IAsyncDisposable
{
    /// <param name="root">The shard's root.</param>
    /// <param name="pollInterval">How often the monitor polls; null: only when <see cref="SignalFileLockMonitor.Poll"/> is called.</param>
    /// <param name="options">How the volume works.</param>
    /// <param name="policy">Strict or relaxed.</param>
    /// <param name="logger">Told by the monitor.</param>
    /// <param name="locks">Which of Linux' locks it takes; null: the best that there are.</param>
    /// <param name="isOutside">It never polls, and so never joins as a node.</param>
    public ComposedNode(
        string root, TimeSpan? pollInterval = null, HsmVolumeOptions? options = null, LockModePolicy? policy = null, ILogger? logger = null,
        LockDriver? locks = null, bool isOutside = false)
    {
        IShardFileSystem shard = locks is null ? ShardFileSystem.Open(root) : LinuxShardFileSystem.Open(root, new LinuxShardOptions(LockDriver: locks));
        Shard = new WatchedShard(shard, pollInterval is null && !isOutside ? new NoAlarmClock(shard.Clock) : shard.Clock);
        SignalFileOptions signal = new() { PollInterval = pollInterval ?? SignalFileOptions.MinPollInterval };
        Monitor = pollInterval is null || isOutside
            ? SignalFileLockMonitor.CreateStepped(Shard, Cache, signal, logger)
            : new SignalFileLockMonitor(Shard, Cache, signal, logger);
        Store = new WatchedStore(SecondaryStores.Open(Monitor.Descriptor.StoreLocation));
        Volume = new HsmVolume(Shard, Cache, Monitor, policy ?? LockModePolicy.Default, Store, options);
    }

    public WatchedShard Shard { get; }

    public InodeCache Cache { get; } = new(capacity: 10_000);

    public SignalFileLockMonitor Monitor { get; }

    public WatchedStore Store { get; }

    public HsmVolume Volume { get; }

    public async ValueTask DisposeAsync()
    {
        await Volume.DisposeAsync();
        await Monitor.DisposeAsync();
        await Store.DisposeAsync();
        Shard.Dispose();
    }
}
