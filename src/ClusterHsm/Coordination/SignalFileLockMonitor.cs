using ClusterHsm.Caching;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Asks for the signal lock again and again and says whether this node may work relaxed.</summary>
public sealed class SignalFileLockMonitor : IAsyncDisposable
{
    /// <summary>Starts monitoring.</summary>
    public SignalFileLockMonitor(IShardFileSystem shard, InodeCache cache, SignalFileOptions? options = null) { }

    /// <summary>The shard's constants.</summary>
    public ShardDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>Whether relaxed work begun in <paramref name="epoch"/> is allowed at this moment: the lease runs and the epoch is the present one.</summary>
    public bool IsRelaxed(long epoch) => throw new NotImplementedException();

    /// <summary>Asks now, whatever the interval says.</summary>
    public void Poll() => throw new NotImplementedException();

    /// <summary>Completes when the first poll has been answered, whatever the answer.</summary>
    public Task FirstPoll => throw new NotImplementedException();

    /// <summary>Leaves relaxed mode, then the shard.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Options.</summary>
public sealed record SignalFileOptions
{
    /// <summary>Poll interval.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
}
