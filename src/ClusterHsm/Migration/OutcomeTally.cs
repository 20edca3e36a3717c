using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Counts outcomes and passes them on, one at a time.</summary>
internal sealed class OutcomeTally(IProgress<FileOutcome>? progress)
{
    private readonly Lock _gate = new();
    private readonly List<FileOutcome> _failures = [];
    private MigrationSummary _sum = new();

    public void Add(FileOutcome outcome)
    {
        lock (_gate)
        {
            _sum = outcome.Action switch
            {
                FileAction.Archived => _sum with { Archived = _sum.Archived + 1, BytesArchived = _sum.BytesArchived + outcome.Bytes },
                FileAction.Released => _sum with { Released = _sum.Released + 1, BytesFreed = _sum.BytesFreed + outcome.Bytes },
                FileAction.Recalled => _sum with { Recalled = _sum.Recalled + 1, BytesRecalled = _sum.BytesRecalled + outcome.Bytes },
                FileAction.Verified => _sum with { Verified = _sum.Verified + 1 },
                FileAction.Imported => _sum with { Imported = _sum.Imported + 1 },
                FileAction.Failed => _sum with { Failed = _sum.Failed + 1 },
                _ => _sum with { Skipped = _sum.Skipped + 1 },
            };
            if (outcome.Action == FileAction.Failed && _failures.Count < MigrationSummary.MaxFailuresKept)
                _failures.Add(outcome);
            progress?.Report(outcome);
        }
    }

    public void Skip(string path, string reason) => Add(new FileOutcome { Path = path, Action = FileAction.Skipped, Reason = reason });

    public void AlreadyDone(string path, string reason) =>
        Add(new FileOutcome { Path = path, Action = FileAction.AlreadyDone, Reason = reason });

    public void Fail(string path, Exception e)
    {
        HsmException error = e as HsmException ?? (e as ShardIOException)?.ToHsmException()
            ?? new ShardFailureException(path, e.Message, "Try again; the file is as it was", e);
        Add(new FileOutcome { Path = path, Action = FileAction.Failed, Reason = error.Message, Error = error });
    }

    public void AddHandover(TimeSpan strict)
    {
        lock (_gate)
            _sum = _sum with { Handovers = _sum.Handovers + 1, StrictTime = _sum.StrictTime + strict };
    }

    public MigrationSummary Summary
    {
        get
        {
            lock (_gate)
                return _sum with { Failures = [.. _failures] };
        }
    }

    /// <summary>Whether a failure belongs to one file, so that the others go on.</summary>
    public static bool BelongsToOneFile(Exception e) => e is HsmException or ShardIOException or IOException;
}
