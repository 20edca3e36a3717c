namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>What the server of a cluster file system knows of the signal and the quiesce file, and how often it was asked.</summary>
internal sealed class LockServer
{
    public SharedLock Signal { get; } = new();

    public SharedLock Quiesce { get; } = new();

    /// <summary>Lock calls answered: locks, unlocks and queries.</summary>
    public long Calls => Signal.Calls + Quiesce.Calls;
}

/// <summary>One file's locks. Nodes lock the whole range of slots and so share it; a migrator's slot is within it (R10).</summary>
internal sealed class SharedLock
{
    private int _shared;
    private bool _exclusive;

    public long Calls { get; private set; }

    public bool TryShare()
    {
        Calls++;
        _shared += _exclusive ? 0 : 1;
        return !_exclusive;
    }

    public void Unshare()
    {
        Calls++;
        _shared--;
    }

    /// <summary>A holder takes it again.</summary>
    public void Renew() => Calls++;

    public bool Query()
    {
        Calls++;
        return !_exclusive;
    }

    /// <summary>Also renews what is held.</summary>
    public bool TryExclude()
    {
        Calls++;
        _exclusive |= _shared == 0;
        return _exclusive;
    }

    public void Admit()
    {
        Calls++;
        _exclusive = false;
    }
}
