using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Counts outcomes and passes them on, one at a time.</summary>
/// <param name="progress">Told of each outcome.</param>
/// <param name="context">Whose log and metrics are told, too; null for none.</param>
/// <param name="operation">What is done, as the log has it.</param>
internal sealed class OutcomeTally(IProgress<FileOutcome>? progress, MigrationContext? context = null, string operation = "migrate")
{
    private readonly Lock _gate = new();
    private readonly List<FileOutcome> _failures = [];
    private MigrationSummary _sum = new();
    private volatile Exception? _ofListener;

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
            try
            {
                progress?.Report(outcome);
            }
            catch (Exception e)
            {
                _ofListener = e;
                throw;
            }
        }
        if (context is not null)
            Tell(context, outcome);
    }

    public void Skip(string path, string reason) => Add(new FileOutcome { Path = path, Action = FileAction.Skipped, Reason = reason });

    /// <summary>Passes over a file that is in use.</summary>
    /// <param name="path">The file.</param>
    /// <param name="use">What it was wanted for: <c>archive</c> or <c>release</c>.</param>
    /// <param name="reason">Who uses it, in words.</param>
    public void SkipBusy(string path, string use, string reason)
    {
        context?.Telemetry.PassedOver(use);
        Skip(path, reason);
    }

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

    /// <summary>Logs what all of it came to, once, when it is over.</summary>
    public void TellDone()
    {
        if (context is null)
            return;
        MigrationSummary sum = Summary;
        (long done, long bytes) = operation switch
        {
            "archive" => (sum.Archived, sum.BytesArchived),
            "recall" => (sum.Recalled, sum.BytesRecalled),
            "verify" => (sum.Verified, 0),
            "import" => (sum.Imported, 0),
            _ => (sum.Released, sum.BytesFreed),
        };
        context.Logger.OperationDone(context.Shard.Root, operation, done, bytes, sum.Skipped, sum.Failed);
    }

    private void Tell(MigrationContext told, FileOutcome outcome)
    {
        if (outcome.Action == FileAction.Archived)
            told.Telemetry.Archived(outcome.Bytes);
        else if (outcome.Action == FileAction.Released)
            told.Telemetry.Released(outcome.Bytes);
        if (outcome.Error is not { } error)
            return;
        told.Telemetry.Count(error);
        told.Logger.FileFailed(told.Shard.Root, operation, error.Message);
    }

    /// <summary>Whether a failure belongs to one file, so that the others go on. One of the listener does not: it ends the work.</summary>
    public bool BelongsToOneFile(Exception e) => e is HsmException or ShardIOException or IOException && e != _ofListener;
}
