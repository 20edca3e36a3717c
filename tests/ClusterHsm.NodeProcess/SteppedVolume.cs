using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.NodeProcess;

/// <summary>A volume that tells of each durable step before it is taken, on the shard and in the store, and never waits.</summary>
internal sealed class SteppedVolume : IAsyncDisposable
{
    private readonly WatchedShard _shard;
    private readonly SignalFileLockMonitor _monitor;

    /// <param name="shard">The shard.</param>
    /// <param name="store">Its store.</param>
    /// <param name="changing">Told of each step on the shard: what it does, and the path.</param>
    public SteppedVolume(IShardFileSystem shard, ISecondaryStore store, Action<string, string>? changing = null)
    {
        _shard = Watch(shard, changing);
        Store = store;
        InodeCache cache = new(capacity: 1000);
        _monitor = SignalFileLockMonitor.CreateStepped(_shard, cache);
        Volume = new HsmVolume(_shard, cache, _monitor, LockModePolicy.Default, store);
    }

    public ISecondaryStore Store { get; }

    public HsmVolume Volume { get; }

    /// <summary>A shard and its store on file systems of this machine.</summary>
    public static SteppedVolume Open(string root, string storeFolder, Action<string, string>? changing = null) =>
        new(ShardFileSystem.Open(root), DirectoryStore.OpenOrCreate(storeFolder, DiskOf(changing)), changing);

    /// <summary>Makes a directory a shard, step by step.</summary>
    public static void Initialize(string root, string storeFolder, Action<string, string>? changing = null)
    {
        using WatchedShard shard = Watch(ShardFileSystem.Open(root), changing);
        HsmShard.Initialize(shard, () => DirectoryStore.OpenOrCreate(storeFolder, DiskOf(changing)), new Uri(storeFolder), new ShardInitializeOptions());
    }

    public async ValueTask DisposeAsync()
    {
        await Volume.DisposeAsync();
        await _monitor.DisposeAsync();
        await Store.DisposeAsync();
        _shard.Dispose();
    }

    private static WatchedShard Watch(IShardFileSystem shard, Action<string, string>? changing) =>
        new(shard, new WaitlessClock(shard.Clock)) { Changing = changing };

    private static StoreDisk DiskOf(Action<string, string>? changing) => changing is null ? StoreDisk.ForThisMachine() : new WatchedDisk(changing);
}
