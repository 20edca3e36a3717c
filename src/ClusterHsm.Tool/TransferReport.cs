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
    private long _failed;
    private readonly LeftOutFiles _leftOut = new();

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
        string path = ShardPath.Display(root, value.Path);
        if (value.Action == FileAction.Failed)
        {
            Interlocked.Increment(ref _failed);
            Fail(value, path);
        }
        else if (value.Action == FileAction.Skipped)
        {
            run.Failures.Note($"{path}: skipped: {value.Reason}");
        }
        run.Json?.Write(line =>
        {
            line.WriteName("path", path);
            line.WriteString("action", Name(value.Action));
            line.WriteNumber("bytes", value.Bytes);
            line.WriteName("reason", value.Error?.Message ?? value.Reason);
        });
        Line.Report(value);
    }

    public void Finish(MigrationSummary summary)
    {
        if (Interlocked.Read(ref _failed) == 0)
        {
            foreach (FileOutcome failure in summary.Failures)
                Fail(failure, ShardPath.Display(root, failure.Path));
        }
        if (run.Json is { } lines)
            Write(lines, summary);
        else
            WriteLine(summary);
    }

    /// <summary>Ends a run in which nothing was to be done but to look.</summary>
    public void FinishDryRun()
    {
        if (run.Json is null && _leftOut.Count > 0)
            Console.Out.WriteLine(_leftOut.ToString());
    }

    public ValueTask DisposeAsync() => Line.DisposeAsync();

    private void Fail(FileOutcome value, string path)
    {
        if (value.Error is { } error)
            run.Failures.Add(error);
        else
            run.Failures.AddUnnamed($"{path}: {value.Reason}");
    }

    private void WriteLine(MigrationSummary s)
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
            parts.Add("no file to do it to");
        if (s.Handovers > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"cluster strict for {s.StrictTime.TotalSeconds:0.0} s"));
        Console.Out.WriteLine(string.Join(", ", parts));

        void Say(string what, long files, long? bytes = null)
        {
            if (files > 0)
                parts.Add(bytes is { } count ? $"{what} {files} ({Text.Bytes(count)})" : $"{what} {files}");
        }
    }

    private void Write(JsonLines lines, MigrationSummary summary) => lines.Write(line =>
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
        line.WriteNumber("strictSeconds", summary.StrictTime.TotalSeconds);
        line.WriteNumber("handovers", summary.Handovers);
    });

    private static string Name(FileAction action) => action == FileAction.AlreadyDone ? "alreadyDone" : action.ToString().ToLowerInvariant();
}
