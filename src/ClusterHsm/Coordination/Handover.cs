using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The time in which a migrator may turn files into stubs (R4).</summary>
public sealed class Handover : IAsyncDisposable
{
    /// <summary>Takes signal and quiesce and waits until no node can be relaxed.</summary>
    public static ValueTask<Handover> BeginAsync(IShardFileSystem shard, ShardDescriptor descriptor, HandoverOptions? options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Takes both locks again if half a lease has passed since they were last granted (R11) and says whether a file may be released
    /// now. False for ever once it was false: a new handover is needed.
    /// </summary>
    public bool MayRelease() => throw new NotImplementedException();

    /// <summary>How long it took to begin.</summary>
    public TimeSpan WaitTime => throw new NotImplementedException();

    /// <summary>Gives both locks back.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Options.</summary>
public sealed record HandoverOptions
{
    /// <summary>How long nodes may take to leave.</summary>
    public TimeSpan QuiesceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether to go on by the lease alone when they do not.</summary>
    public bool ProceedOnLeaseAlone { get; init; }
}
