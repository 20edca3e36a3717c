using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The HSM lock of one open data file (R7, R11).</summary>
internal sealed class FileLock
{
    /// <summary>Nothing is locked yet.</summary>
    public FileLock(IShardFile file, ShardDescriptor descriptor, TimeProvider clock) { }

    /// <summary>What is held, or null.</summary>
    public LockKind? Held => throw new NotImplementedException();

    /// <summary>Whether the lock is held and was granted less than a lease ago (R11).</summary>
    public bool IsTrusted => throw new NotImplementedException();

    /// <summary>One attempt. Converts what is held.</summary>
    public LockResult TryAcquire(LockKind kind) => throw new NotImplementedException();

    /// <summary>Tries with growing, jittered pauses until the timeout; Denied or Failed then.</summary>
    public ValueTask<LockResult> AcquireAsync(LockKind kind, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Gives it back; nothing if nothing is held.</summary>
    public void Release() => throw new NotImplementedException();
}
