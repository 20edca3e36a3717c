namespace ClusterHsm.FileSystem;

/// <summary>Answer to a lock call. Anything but <see cref="LockStatus.Granted"/> is a denial (R9).</summary>
/// <param name="Status">What came of it.</param>
/// <param name="Error">With <see cref="LockStatus.Failed"/>: the kind of failure.</param>
/// <param name="NativeError">The platform's error number, 0 if granted.</param>
public readonly record struct LockResult(LockStatus Status, ShardError Error = ShardError.None, int NativeError = 0)
{
    /// <summary>A clean grant.</summary>
    public static LockResult Granted => new(LockStatus.Granted);

    /// <summary>Somebody else holds what conflicts.</summary>
    public static LockResult Denied => new(LockStatus.Denied);

    /// <summary>Whether the lock was granted.</summary>
    public bool IsGranted => Status == LockStatus.Granted;
}

/// <summary>What a lock call came to. What nobody has set is no grant (R9).</summary>
public enum LockStatus
{
    /// <summary>The file system did not answer the question: out of locks, dead descriptor, not supported.</summary>
    Failed = 0,

    /// <summary>A conflicting lock is held by another handle.</summary>
    Denied = 1,

    /// <summary>The lock is held (or, asked by query, would be).</summary>
    Granted = 2,
}
