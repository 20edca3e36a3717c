using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.Torture;

/// <summary>Archives, releases and recalls random files, verifies and sweeps.</summary>
internal sealed class Migrator(Party party, RunFiles run, ChildOptions child, Failing failing, Random random, Action<string> wrong) : IProgress<FileOutcome>
{
    /// <summary>How the history tells of a session that released nothing of what it was to release.</summary>
    public const string ReleasedNothing = "released nothing: ";

    private const int MostFiles = 60;

    // Of the present session.
    private bool _triesToRelease;
    private long _released;
    private string? _refusal;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !failing.IsHopeless)
        {
            (_triesToRelease, _released, _refusal) = (false, 0, null);
            try
            {
                await ActAsync(stop);
                failing.Succeed();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                _refusal = $"{failure.GetType().Name}: {Failing.WordsOf(failure)}";
                if (failing.Fail("session", failure) is { } inexcusable)
                    wrong(inexcusable);
            }
            if (_triesToRelease && _released == 0 && _refusal is not null)
            {
                run.Tally.Add(Count.InVain);
                run.History.Add(ReleasedNothing + _refusal);
            }
            stop.WaitHandle.WaitOne(random.Next(1000));
        }
    }

    /// <summary>Called for each file, one call at a time.</summary>
    public void Report(FileOutcome value)
    {
        if (value.Action is FileAction.Failed or FileAction.Skipped)
            _refusal = $"{Name(value)}: {value.Reason ?? value.Error?.Cause}";
        switch (value.Action)
        {
            case FileAction.Archived:
                run.Tally.Add(Count.Archives);
                break;
            case FileAction.Released:
                _released++;
                run.Tally.Add(Count.Releases);
                break;
            case FileAction.Recalled:
                run.Tally.Add(Count.Recalls);
                break;
            case FileAction.Failed when failing.Fail($"{Name(value)} migrate", value.Error!) is { } inexcusable:
                wrong(inexcusable);
                return;
            case FileAction.Failed or FileAction.Skipped or FileAction.AlreadyDone or FileAction.Verified:
                return;
        }
        run.History.Add($"{Name(value)} {value.Action}");
    }

    private static string Name(FileOutcome value) => Path.GetFileName(value.Path);

    private async Task ActAsync(CancellationToken stop)
    {
        int act = random.Next(100);
        // All that is archived is released at once, so that a handover is worth its wait.
        int files = act < 25 ? run.Ledger.Files : random.Next(1, Math.Min(MostFiles, run.Ledger.Files) + 1);
        int[] choice = [.. Enumerable.Range(0, run.Ledger.Files)];
        random.Shuffle(choice);
        string[] paths = [.. choice.Take(files).Select(FileImage.PathOf)];
        MigrationOptions options = new() { Progress = this, Jobs = random.Next(1, 5), Handover = NextHandover() };
        MigrationSummary? summary = null;
        _triesToRelease = act < 80;
        if (act < 25)
            summary = await party.Volume.ReleaseAsync(paths, options, stop);
        else if (act < 80)
            summary = await party.Volume.MigrateAsync(paths, options, stop);
        else if (act < 88)
            summary = await party.Volume.ArchiveAsync(paths, options, stop);
        else if (act < 94)
            summary = await party.Volume.RecallAsync(paths, options, stop);
        else if (act < 98)
            await party.Volume.VerifyAsync(Path.GetDirectoryName(paths[0])!, deep: act < 96, options, stop);
        else
            await SweepAsync(stop);
        run.Tally.Add(Count.Handovers, summary?.Handovers ?? 0);
    }

    /// <summary>
    /// Half of the handovers do without the nodes that do not answer, the others give up; some at once, so that they begin and end while
    /// a node is stopped. With slow clocks none goes on by the lease alone: that is a promise of clocks.
    /// </summary>
    private HandoverOptions NextHandover() => new()
    {
        SignalTimeout = TimeSpan.FromSeconds(10),
        QuiesceTimeout = TimeSpan.FromSeconds(random.Next(3) == 0 ? 0 : random.Next(1, 5)),
        ProceedOnLeaseAlone = random.Next(2) == 0 && !child.SlowClocks,
    };

    private async Task SweepAsync(CancellationToken stop)
    {
        SweepSummary swept = await party.Volume.SweepAsync(new SweepOptions { GraceTime = SweepOptions.MinGraceTime }, stop);
        run.Tally.Add(Count.Sweeps);
        run.Tally.Add(Count.SweptObjects, swept.Due);
        run.History.Add($"sweep: {swept.Objects} objects, {swept.Orphans} orphans, {swept.Due} deleted, {swept.Gaps.Count} gaps");
    }
}
