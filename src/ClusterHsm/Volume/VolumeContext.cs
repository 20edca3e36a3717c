using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;

namespace ClusterHsm;

/// <summary>What the files of a volume share.</summary>
internal sealed class VolumeContext(
    MigrationContext migration, InodeCache cache, SignalFileLockMonitor? monitor, LockModePolicy policy, HsmVolumeOptions options)
{
    private long _cacheHits, _cacheMisses, _strictLooks, _recalls, _recalledBytes, _readThroughs;

    public MigrationContext Migration { get; } = migration;

    public InodeCache Cache { get; } = cache;

    /// <summary>Null in a process that has not joined as a node: it is always strict.</summary>
    public SignalFileLockMonitor? Monitor { get; } = monitor;

    public HsmVolumeOptions Options { get; } = options;

    public Recaller Recaller { get; } = new(migration);

    public IShardFileSystem Shard => Migration.Shard;

    /// <summary>Whether one access may be relaxed now, by the protocol and by the policy.</summary>
    public bool MayRelax(long epoch, FileIdentity identity) =>
        Monitor is { } monitor && identity.OnShardDevice && monitor.IsRelaxed(epoch)
        && (ReferenceEquals(policy, LockModePolicy.Default) || policy.Resolve(monitor.GetContext(identity)) == LockMode.Relaxed);

    /// <summary>Remembers a file that was seen to be regular.</summary>
    /// <param name="identity">The file.</param>
    /// <param name="epoch">The epoch that was read before the look.</param>
    public void Remember(FileIdentity identity, long epoch) => Cache.TryAdd(identity.Inode, Rules.R5 ? epoch : Cache.Epoch);

    public void CountHit() => Interlocked.Increment(ref _cacheHits);

    public void CountMiss() => Interlocked.Increment(ref _cacheMisses);

    public void CountStrictLook() => Interlocked.Increment(ref _strictLooks);

    public void CountReadThrough() => Interlocked.Increment(ref _readThroughs);

    public void CountRecall(long bytes)
    {
        Interlocked.Increment(ref _recalls);
        Interlocked.Add(ref _recalledBytes, bytes);
    }

    public HsmVolumeCounters Counters => new()
    {
        CacheHits = Interlocked.Read(ref _cacheHits),
        CacheMisses = Interlocked.Read(ref _cacheMisses),
        StrictLooks = Interlocked.Read(ref _strictLooks),
        Recalls = Interlocked.Read(ref _recalls),
        RecalledBytes = Interlocked.Read(ref _recalledBytes),
        ReadThroughs = Interlocked.Read(ref _readThroughs),
    };
}
