using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm;

// What keeps a shard and its store in order: verify, sweep, export, import, pin.
public sealed partial class HsmVolume
{
    /// <summary>Compares the records of all files at and below a path with their objects, and changes nothing.</summary>
    /// <param name="path">Where to begin; the empty path is the whole shard.</param>
    /// <param name="deep">Whether every object is read and its digest checked, not just its presence and length.</param>
    /// <param name="options">Jobs and progress.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<MigrationSummary> VerifyAsync(
        string path, bool deep = false, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("verify", options, (checkedOptions, tally) =>
        {
            _context.Migration.Seal.RequireKey(); // a signature that cannot be checked is not verified
            Verifier verifier = new(_context.Migration, checkedOptions, tally);
            return Parallel.ForEachAsync(
                EnumerateStatus(path, failure => tally.Fail(failure.Path, failure)),
                new ParallelOptions { MaxDegreeOfParallelism = checkedOptions.Jobs, CancellationToken = cancellationToken },
                (status, token) => new ValueTask(verifier.VerifyAsync(status, deep, token)));
        });

    /// <summary>Marks a file as never to be released. A stub stays a stub until it is recalled.</summary>
    /// <exception cref="OutsideRootException">It is one of the shard's own files.</exception>
    /// <exception cref="InvalidRecordException">The file's record cannot be believed; nothing was changed.</exception>
    /// <exception cref="UntrustedRecordException">The same, because of its signature.</exception>
    public void Pin(string path) => Guard(() =>
    {
        using IShardFile file = OpenBelievable(path);
        file.WriteAttribute(FileRecord.PinAttributeName, "1"u8);
        file.Flush();
        return 0;
    });

    /// <summary>Takes the mark away. Does nothing if there is none.</summary>
    /// <exception cref="OutsideRootException">It is one of the shard's own files.</exception>
    /// <exception cref="InvalidRecordException">The file's record cannot be believed; nothing was changed.</exception>
    /// <exception cref="UntrustedRecordException">The same, because of its signature.</exception>
    public void Unpin(string path) => Guard(() =>
    {
        using IShardFile file = OpenBelievable(path);
        if (file.RemoveAttribute(FileRecord.PinAttributeName))
            file.Flush();
        return 0;
    });

    /// <summary>
    /// Deletes objects that no record on the shard has pointed at for the grace time. Deletes nothing if any folder or record could not
    /// be read, or while something is mounted below the root, because a record that is not seen may be a file's only one.
    /// </summary>
    /// <param name="options">The grace time, a dry run, progress.</param>
    /// <param name="cancellationToken">Ends it; what is deleted stays deleted.</param>
    /// <exception cref="FileBusyException">Another sweep is running.</exception>
    /// <exception cref="HsmException">The shard or the store cannot be read; nothing was deleted.</exception>
    public Task<SweepSummary> SweepAsync(SweepOptions? options = null, CancellationToken cancellationToken = default)
    {
        Sweeper sweeper = new(_context.Migration, (options ?? new SweepOptions()).Checked());
        return RunAsync(() => sweeper.RunAsync(cancellationToken));
    }

    /// <summary>What is needed to make a file's stub again, here or on another shard with the same store. Recalls nothing.</summary>
    /// <returns>The export, or null if the file has no valid copy in secondary storage.</returns>
    /// <exception cref="InvalidRecordException">The file's record cannot be believed.</exception>
    /// <exception cref="UntrustedRecordException">The same, because of its signature.</exception>
    /// <exception cref="HsmAccessDeniedException">The shard has a key, and this user may not read it.</exception>
    public StubExport? Export(string path)
    {
        FileStatus status = GetStatus(path);
        if (status.Problem is { } problem)
            throw FileRecord.Refusal(_context.Migration.Display(status.Path), problem, status.HasWrongSignature,
                "Nothing was exported. Restore the record from a backup");
        if (status.State == FileState.Regular)
            return null;
        return _context.Migration.Seal.Sign(new StubExport
        {
            Path = status.Path,
            Mode = status.Info.Mode,
            UserId = status.Info.UserId,
            GroupId = status.Info.GroupId,
            Modified = status.Info.Modified,
            Record = status.Record! with { State = status.IsStub ? FileState.Released : FileState.Archived },
        });
    }

    /// <summary>
    /// Makes stubs of exports, all under one handover. Each gets an object of its own, copied inside the store. Folders that are missing
    /// are made; a file that has data is never replaced.
    /// </summary>
    /// <param name="exports">What <see cref="Export"/> gave, on this shard or on another with the same store.</param>
    /// <param name="options">Jobs, handover and progress.</param>
    /// <param name="cancellationToken">Ends it; stubs that are made stay, and the same call goes on from there.</param>
    public Task<MigrationSummary> ImportAsync(
        IEnumerable<StubExport> exports, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("import", options, (checkedOptions, tally) =>
            WithKey(() => new Importer(_context.Migration, checkedOptions, tally)).ImportAsync(exports, cancellationToken));

    /// <summary>Opens a file of which it is known what it is: a mark on any other would promise what nobody can keep.</summary>
    private IShardFile OpenBelievable(string path)
    {
        string normalized = Normalize(path);
        _context.OwnFiles.RefusePath(normalized);
        IShardFile file = Shard.Open(normalized, ShardOpenOptions.Read);
        try
        {
            _context.OwnFiles.Refuse(file);
            FileRecord.Read(file, _context.Migration.Display(normalized), _context.Migration.Seal);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
