using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>
/// One file on its way to being a stub, in the protocol's order: locked, looked at for the last time and marked, the mark made durable,
/// its data freed, its times put back and the record told so, that made durable. Who owns it makes both durable.
/// </summary>
/// <remarks>Not thread-safe. Holds the file's lock, and openers on this computer, until its data is freed or it is disposed.</remarks>
internal sealed class ReleaseJob : IDisposable
{
    private readonly FileLock _lock;
    private ShardFileInfo _info;
    private readonly string _display;
    private readonly RecordSeal _seal;
    private StubRecord? _record;
    private StubRecord? _marked;
    private ShardTimestamp _modified;
    private bool _keepsOpenersOut;

    private ReleaseJob(MigrationContext context, IShardFile file) =>
        (File, _lock, _display, _seal) = (file, context.LockOf(file), context.Display(file.Path), context.Seal);

    public IShardFile File { get; }

    public long Size => _info.Size;

    /// <summary>Whether the lock may still be believed in (R11).</summary>
    public bool IsTrusted => _lock.IsTrusted;

    /// <summary>Opens and locks a candidate, unless anyone else has to do with it. Takes no time to wait: nodes are strict meanwhile.</summary>
    public static ReleaseJob? TryBegin(MigrationContext context, ReleaseCandidate candidate, out string? refusal)
    {
        ReleaseJob? job;
        try
        {
            job = context.ExcludesOpeners ? OpenAlone(context, candidate) : null;
            if (job is null && context.Shard.FindWriters(candidate.Path) == WriterPresence.Present)
            {
                refusal = "a program has it open for writing";
                return null;
            }
            job ??= Open(context, candidate, out _);
        }
        catch (ShardIOException e) when (e.Error == ShardError.Busy)
        {
            refusal = "another migrator on this computer holds it";
            return null;
        }
        if (job._lock.TryAcquire(LockKind.Exclusive).IsGranted)
        {
            refusal = null;
            return job;
        }
        refusal = "a node holds its lock: it is open for writing, or being read in strict mode";
        job.Dispose();
        return null;
    }

    /// <summary>
    /// Opens it if nobody else has it open, so that there is no writer to look for. Whoever looks for writers must not be one himself, so that
    /// it is closed otherwise.
    /// </summary>
    private static ReleaseJob? OpenAlone(MigrationContext context, ReleaseCandidate candidate)
    {
        ReleaseJob job = Open(context, candidate, out OpenerExclusion answer);
        if (answer == OpenerExclusion.Excluded)
            return job;
        context.ExcludesOpeners = answer != OpenerExclusion.NotSupported;
        job.Dispose();
        return null;
    }

    private static ReleaseJob Open(MigrationContext context, ReleaseCandidate candidate, out OpenerExclusion exclusion)
    {
        ReleaseJob job = new(context, context.Shard.Open(candidate.Path, ShardOpenOptions.ReadWrite));
        exclusion = job.File.TryExcludeOpeners();
        job._keepsOpenersOut = exclusion == OpenerExclusion.Excluded;
        return job;
    }

    /// <summary>The last look, and the mark.</summary>
    /// <returns>Why not, in words; null if it is marked.</returns>
    public string? Mark(ReleaseCandidate candidate, Func<IShardFile, ShardFileInfo, StubRecord?, string?> refusalOf)
    {
        if (File.Identity != candidate.Identity)
            return "another file has its name now";
        if (!_keepsOpenersOut)
            File.WriteBack(); // whoever has it mapped: its mtime must be true before the last look
        _info = File.GetInfo();
        _record = FileRecord.Read(File, _display, _seal);
        if (refusalOf(File, _info, _record) is { } refusal)
            return refusal;
        if (_info.Changed != candidate.SealedAt)
            return "it changed since it was looked at";
        // A release that was cut off may have left the time of its punch.
        _modified = FileRecord.IsHalfReleased(_record) ? _record!.Modified : _info.Modified;
        _marked = _record! with { State = FileState.Released, ReleaseCount = _record.ReleaseCount + 1, Changed = FileRecord.ReleaseUnderWay };
        // R11: another migrator may have made it a stub while this one was stopped, and its mark would be the same.
        if (!_lock.IsTrusted && Rules.R11)
            return "its lock may have been lost while it was looked at";
        FileRecord.Write(File, _marked, _seal);
        return null;
    }

    /// <summary>
    /// Whether somebody has written to it since the last look: a program that knows nothing of locks, where the kernel keeps nobody out. To make
    /// the mark durable takes long, so that this is asked again right before the data is freed.
    /// </summary>
    public bool WasWritten()
    {
        if (_keepsOpenersOut)
            return false;
        File.WriteBack();
        ShardFileInfo info = File.GetInfo();
        return info.Size != _info.Size || info.Modified != _info.Modified;
    }

    /// <summary>Whether its data was freed, and its record says so.</summary>
    public bool IsPunched { get; private set; }

    /// <summary>Frees the data, and lets others have the file. The mark is durable by now.</summary>
    /// <remarks>Whoever recalls it before the hole is durable makes the file durable himself, before he writes to it.</remarks>
    public void Punch()
    {
        File.PunchHole(0, _info.Size);
        File.MarkOffline(true);
        File.SetTimes(_info.Accessed, _modified);
        // Last: until then whoever finds the stub knows that its time is not its own.
        if (StillHasIt())
            FileRecord.Write(File, _marked! with { Changed = _info.Changed }, _seal);
        IsPunched = true;
        _lock.Release();
        File.AdmitOpeners();
    }

    /// <summary>
    /// This has taken nothing of it yet: what it was before, under the count that readers may have seen. Left alone if someone else has
    /// taken the file on since: a stub with all of its data recalls.
    /// </summary>
    public void Unmark()
    {
        if (!StillHasIt())
            return;
        bool wasWritten = WasWritten();
        FileRecord.Write(File, _record! with { ReleaseCount = _record.ReleaseCount + 1 }, _seal);
        if (!wasWritten) // the time of a write is what tells of it
            File.SetTimes(_info.Accessed, _info.Modified);
        File.Flush();
    }

    public void Dispose()
    {
        _lock.Release();
        File.Dispose(); // admits openers
    }

    /// <summary>R11: the lock is trusted, or was lost for a while only, and nobody has taken the file on since.</summary>
    public bool StillHasIt()
    {
        while (!_lock.IsTrusted)
        {
            if (!_lock.TryAcquire(LockKind.Exclusive).IsGranted || FileRecord.Read(File, _display, _seal) != _marked)
                return false;
        }
        return true;
    }
}
