namespace ClusterHsm.Torture;

/// <summary>What is counted.</summary>
internal enum Count
{
    Reads,
    RelaxedReads,
    BytesRead,
    Opens,
    Writes,
    TruncatingWrites,
    Archives,
    Releases,
    Recalls,
    ReadThroughs,
    Sweeps,
    SweptObjects,
    Handovers,
    Refusals,
    Restarts,

    /// <summary>Clients that did not answer any more, and were ended.</summary>
    HungClients,
    WrongReads,
    Losses,

    /// <summary>Sessions that tried to release files, had some to release, and released none.</summary>
    InVain,
}

/// <summary>Counts of all processes together, kept where no kill undoes them.</summary>
internal sealed class Tally(string path) : IDisposable
{
    private readonly SharedMemory _memory = new(path, 4096);

    public long this[Count what] => Volatile.Read(ref _memory.Long((int)what));

    public void Add(Count what, long amount = 1) => Interlocked.Add(ref _memory.Long((int)what), amount);

    public void Dispose() => _memory.Dispose();
}
