using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Tests.Volume;

/// <summary>A volume composed of a shard and a store that call back.</summary>
internal sealed class HookedVolume : IAsyncDisposable
{
    private readonly SignalFileLockMonitor _monitor;

    /// <param name="place">The shard.</param>
    /// <param name="storeFolder">Another store than the shard's own.</param>
    public HookedVolume(LocalShard place, string? storeFolder = null)
    {
        Shard = new WatchedShard(ShardFileSystem.Open(place.Root));
        Store = new WatchedStore(SecondaryStores.OpenOrCreate(new Uri(storeFolder ?? place.StoreFolder)));
        InodeCache cache = new(capacity: 1000);
        _monitor = new SignalFileLockMonitor(Shard, cache, new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(20) });
        Volume = new HsmVolume(Shard, cache, _monitor, LockModePolicy.Default, Store);
    }

    public WatchedShard Shard { get; }

    public WatchedStore Store { get; }

    public HsmVolume Volume { get; }

    public async ValueTask DisposeAsync()
    {
        await Volume.DisposeAsync();
        await _monitor.DisposeAsync();
        await Store.DisposeAsync();
        Shard.Dispose();
    }
}
