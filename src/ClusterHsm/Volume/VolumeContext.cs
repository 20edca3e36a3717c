using System.Diagnostics.CodeAnalysis;
using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Telemetry;
using Microsoft.Extensions.Logging;

namespace ClusterHsm;

/// <summary>What the files of a volume share.</summary>
internal sealed class VolumeContext(
    MigrationContext migration, InodeCache cache, SignalFileLockMonitor? monitor, LockModePolicy policy, HsmVolumeOptions options)
    : IObservedVolume
{
    private long _cacheHits, _cacheMisses, _cacheInserts, _strictLooks, _recalls, _recalledBytes, _readThroughs;

    public MigrationContext Migration { get; } = migration;

    public InodeCache Cache { get; } = cache;

    /// <summary>Null in a process that has not joined as a node: it is always strict.</summary>
    public SignalFileLockMonitor? Monitor { get; } = monitor;

    public HsmVolumeOptions Options { get; } = options;

    public Recaller Recaller { get; } = new(migration);

    public OwnFiles OwnFiles { get; } = new(migration.Shard);

    public IShardFileSystem Shard => Migration.Shard;

    public ShardTelemetry Telemetry => Migration.Telemetry;

    public ILogger Logger => Migration.Logger;

    /// <summary>Files that are open and calls that run.</summary>
    public AccessCount Accesses { get; } = new();

    /// <summary>Whether accesses that begin now are refused.</summary>
    public bool IsClosing { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Whether one access may be relaxed now, by the protocol and by the policy.</summary>
    public bool MayRelax(long epoch, FileIdentity identity) =>
        Monitor is { } monitor && identity is { OnShardDevice: true, IsFolded: false } && monitor.IsRelaxed(epoch)
        && (ReferenceEquals(policy, LockModePolicy.Default) || policy.Resolve(monitor.GetContext(identity)) == LockMode.Relaxed);

    /// <summary>Remembers a file that was seen to be regular.</summary>
    /// <param name="identity">The file.</param>
    /// <param name="epoch">The epoch that was read before the look.</param>
    public void Remember(FileIdentity identity, long epoch)
    {
        if (Cache.TryAdd(identity.Inode, Rules.R5 ? epoch : Cache.Epoch))
            Interlocked.Increment(ref _cacheInserts);
    }

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
        CacheInserts = Interlocked.Read(ref _cacheInserts),
        StrictLooks = Interlocked.Read(ref _strictLooks),
        Recalls = Interlocked.Read(ref _recalls),
        RecalledBytes = Interlocked.Read(ref _recalledBytes),
        ReadThroughs = Interlocked.Read(ref _readThroughs),
        Accesses = Accesses.Now,
    };

    /// <summary>The same as other nodes are told.</summary>
    public NodeCounters CountersForOthers()
    {
        HsmVolumeCounters counters = Counters;
        return new NodeCounters
        {
            Hits = counters.CacheHits,
            Misses = counters.CacheMisses,
            Looks = counters.StrictLooks,
            Open = counters.Accesses,
            Recalls = counters.Recalls,
            RecalledBytes = counters.RecalledBytes,
            Recalling = Recaller.UnderWay,
            ReadThroughs = counters.ReadThroughs,
        };
    }

    string IObservedVolume.Root => Shard.Root;

    VolumeReading IObservedVolume.Read()
    {
        HsmVolumeCounters counters = Counters;
        MonitorState? state = Monitor?.State;
        return new VolumeReading
        {
            CacheHits = counters.CacheHits,
            CacheMisses = counters.CacheMisses,
            CacheInserts = counters.CacheInserts,
            CacheClears = Cache.Epoch - 1,
            StrictLooks = counters.StrictLooks,
            ReadThroughs = counters.ReadThroughs,
            OpenFiles = counters.Accesses,
            ModeChanges = state?.ModeChanges ?? 0,
            PollsGranted = state?.Grants ?? 0,
            PollsRefused = state is null ? 0 : state.Polls - state.Grants,
            RelaxedNodes = state?.Mode == LockMode.Relaxed ? 1 : 0,
            StrictNodes = state?.Mode == LockMode.Strict ? 1 : 0,
            LeaseRemaining = state?.LeaseRemaining,
        };
    }

    /// <summary>
    /// Counts a failure that a caller is told of, and gives one of the file system the name that users know. For an exception filter: what
    /// has a name already is not caught, and keeps its trace.
    /// </summary>
    /// <returns>Whether it has another name now.</returns>
    public bool TryTranslate(Exception failure, [NotNullWhen(true)] out HsmException? named)
    {
        named = (failure as ShardIOException)?.ToHsmException();
        if ((named ?? failure as HsmException) is { } told)
            Telemetry.Count(told);
        return named is not null;
    }
}
