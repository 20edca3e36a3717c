using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Torture;

/// <summary>A volume with a store that can be made faulty, composed as an application would.</summary>
internal sealed class Party : IAsyncDisposable
{
    /// <summary>An access that waits longer for a lock fails, and is tried again.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(20);

    private readonly IShardFileSystem _shard;
    private readonly SignalFileLockMonitor _monitor;

    private Party(IShardFileSystem shard, SignalFileLockMonitor monitor, FaultyStore store, InodeCache cache)
    {
        (_shard, _monitor, Store) = (shard, monitor, store);
        Volume = new HsmVolume(shard, cache, monitor, LockModePolicy.Default, store, new HsmVolumeOptions { LockTimeout = LockTimeout });
    }

    public FaultyStore Store { get; }

    public HsmVolume Volume { get; }

    /// <param name="root">The shard.</param>
    /// <param name="name">Its name in the list of nodes.</param>
    /// <param name="random">Of the store's faults.</param>
    /// <param name="watched">Makes of the shard one that is watched or in trouble.</param>
    public static async Task<Party> JoinAsync(string root, string name, Random random, Func<IShardFileSystem, IShardFileSystem>? watched = null)
    {
        IShardFileSystem shard = ShardFileSystem.Open(root);
        shard = watched?.Invoke(shard) ?? shard;
        SignalFileLockMonitor? monitor = null;
        try
        {
            InodeCache cache = new(10_000);
            SignalFileOptions signal = new() { PollInterval = TimeSpan.FromMilliseconds(200), NodeName = name };
            monitor = new SignalFileLockMonitor(shard, cache, signal);
            await monitor.FirstPoll;
            FaultyStore store = new(SecondaryStores.Open(monitor.Descriptor.StoreLocation), random);
            return new Party(shard, monitor, store, cache);
        }
        catch
        {
            if (monitor is not null)
                await monitor.DisposeAsync();
            shard.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Volume.DisposeAsync();
        await _monitor.DisposeAsync();
        await Store.DisposeAsync();
        _shard.Dispose();
    }
}
