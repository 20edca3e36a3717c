namespace ClusterHsm.Coordination;

/// <summary>The two locking modes.</summary>
public enum LockMode
{
    /// <summary>Lock the file, look at its stub mark, then use it.</summary>
    Strict = 0,

    /// <summary>An inode that the cache knows as regular is used with no lock and no look.</summary>
    Relaxed,
}
