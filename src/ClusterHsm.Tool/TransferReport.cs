using System.Globalization;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>Tells how a migration or a recall goes on, and what came of it. Safe for several threads.</summary>
/// <param name="run">The command.</param>
/// <param name="root">The shard's root.</param>
/// <param name="doing">What is done, such as <c>recalling</c>.</param>
internal sealed class TransferReport(CommandRun run, string root, string doing) : IProgress<FileOutcome>, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly LeftOutFiles _leftOut = new();
    private MigrationSummary _done = new();

    /// <summary>What a terminal shows meanwhile.</summary>
    public TransferProgressLine Line { get; } = new(run.Progress, doing);

    /// <summary>A file that the command line leaves out. Told one by one to programs only, as there may be very many; to people by reason.</summary>
    public void LeaveOut(string path, string reason)
    {
        _leftOut.Add(reason);
        run.Json?.Write(line =>
        {
            line.WriteName("path", ShardPath.Display(root, path));
            line.WriteString("action", "leftOut");
            line.WriteNumber("bytes", 0);
            line.WriteName("reason", reason);
        });
    }

    public void Report(FileOutcome value)
    {
        Count(value);
        // A path that is not below the root, or was not looked into, is told as it is.
        string path = Path.IsPathRooted(value.Path) ? value.Path : ShardPath.Display(root, value.Path);
        if (value.Error is { } error)
            run.Failures.Add(error, path);
        else if (value.Action == FileAction.Failed)
            run.Failures.AddUnnamed($"{path}: {value.Reason}");
        else if (value.Action == FileAction.Skipped)
            run.Failures.Note($"{path}: skipped: {value.Reason}");
        run.Json?.Write(line =>
        {
            line.WriteName("path", path);
            line.WriteString("action", Name(value.Action));
            line.WriteNumber("bytes", value.Bytes);
            line.WriteName("reason", value.Error?.Message ?? value.Reason);
        });
        Line.Report(value);
    }

    /// <summary>Something that was named, and of which no file came that the work could fail on. It counts as one that failed.</summary>
    public void Fail(HsmException failure) => Fail(failure, failure.Path);

    /// <summary>Does the work, and tells what came of it: of work that is cut off, what was done until then.</summary>
    public async Task RunAsync(Func<Task<MigrationSummary>> work)
    {
        try
        {
            MigrationSummary summary = await work();
            Finish(summary.StrictTime, summary.Handovers);
        }
        catch (OperationCanceledException)
        {
            Finish(null, null);
            throw;
        }
        catch (HsmException failure)
        {
            // It is of the whole shard, or of its store.
            Fail(failure, root);
            Finish(null, null);
        }
    }

    /// <summary>Ends a run in which nothing was to be done but to look.</summary>
    public void FinishDryRun()
    {
        if (run.Json is null && _leftOut.Count > 0)
            Console.Out.WriteLine(_leftOut.ToString());
    }

    public ValueTask DisposeAsync() => Line.DisposeAsync();

    private void Fail(HsmException failure, string path)
    {
        Count(new FileOutcome { Path = path, Action = FileAction.Failed });
        run.Fail(failure, path);
    }

    /// <summary>The library's own count is not had of work that is cut off, and knows nothing of paths of which no file came.</summary>
    private void Count(FileOutcome value)
    {
        lock (_gate)
        {
            _done = value.Action switch
            {
                FileAction.Archived => _done with { Archived = _done.Archived + 1, BytesArchived = _done.BytesArchived + value.Bytes },
                FileAction.Released => _done with { Released = _done.Released + 1, BytesFreed = _done.BytesFreed + value.Bytes },
                FileAction.Recalled => _done with { Recalled = _done.Recalled + 1, BytesRecalled = _done.BytesRecalled + value.Bytes },
                FileAction.Verified => _done with { Verified = _done.Verified + 1 },
                FileAction.Imported => _done with { Imported = _done.Imported + 1 },
                FileAction.Failed => _done with { Failed = _done.Failed + 1 },
                _ => _done with { Skipped = _done.Skipped + 1 },
            };
        }
    }

    /// <param name="strictTime">How long nodes were strict; null if nobody knows, because the work was cut off.</param>
    /// <param name="handovers">How many handovers there were; null as well.</param>
    private void Finish(TimeSpan? strictTime, int? handovers)
    {
        MigrationSummary done;
        lock (_gate)
            done = _done;
        if (run.Json is { } lines)
            Write(lines, done, strictTime, handovers);
        else
            WriteLine(done, strictTime, handovers);
    }

    private void WriteLine(MigrationSummary s, TimeSpan? strictTime, int? handovers)
    {
        run.Progress.End();
        List<string> parts = [];
        Say("archived", s.Archived, s.BytesArchived);
        Say("released", s.Released, s.BytesFreed);
        Say("recalled", s.Recalled, s.BytesRecalled);
        Say("verified", s.Verified);
        Say("imported", s.Imported);
        Say("skipped", s.Skipped);
        Say("failed", s.Failed);
        if (_leftOut.Count > 0)
            parts.Add(_leftOut.ToString());
        if (parts.Count == 0)
            parts.Add(handovers is null ? "nothing was done" : "no file to do it to");
        if (handovers > 0 && strictTime is { } time)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"cluster strict for {time.TotalSeconds:0.0} s"));
        Console.Out.WriteLine(string.Join(", ", parts));

        void Say(string what, long files, long? bytes = null)
        {
            if (files > 0)
                parts.Add(bytes is { } count ? $"{what} {files} ({Text.Bytes(count)})" : $"{what} {files}");
        }
    }

    private void Write(JsonLines lines, MigrationSummary summary, TimeSpan? strictTime, int? handovers) => lines.Write(line =>
    {
        line.WriteName("summary", root);
        line.WriteNumber("archived", summary.Archived);
        line.WriteNumber("released", summary.Released);
        line.WriteNumber("recalled", summary.Recalled);
        line.WriteNumber("verified", summary.Verified);
        line.WriteNumber("imported", summary.Imported);
        line.WriteNumber("skipped", summary.Skipped);
        line.WriteNumber("failed", summary.Failed);
        line.WriteNumber("leftOut", _leftOut.Count);
        line.WriteNumber("bytesArchived", summary.BytesArchived);
        line.WriteNumber("bytesFreed", summary.BytesFreed);
        line.WriteNumber("bytesRecalled", summary.BytesRecalled);
        WriteNumber("strictSeconds", strictTime?.TotalSeconds);
        WriteNumber("handovers", handovers);

        void WriteNumber(string member, double? value)
        {
            if (value is { } number)
                line.WriteNumber(member, number);
            else
                line.WriteNull(member);
        }
    });

    private static string Name(FileAction action) => action == FileAction.AlreadyDone ? "alreadyDone" : action.ToString().ToLowerInvariant();
}
