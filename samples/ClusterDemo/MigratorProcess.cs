using System.Threading.Channels;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.ClusterDemo;

/// <summary>The migrator: at each word of the parent one session over the next part of the cold files.</summary>
internal sealed class MigratorProcess(HsmVolume volume, Manifest manifest) : IProgress<FileOutcome>
{
    public const string Role = "migrator";

    public const int Sessions = 4;

    private static readonly MigrationOptions s_options = new()
    {
        // Nobody writes these files, so that none has to be left alone because it is new.
        SettleTime = TimeSpan.Zero,
        // A paused node cannot say that it has left relaxed mode. Its lease runs out all the same.
        Handover = new HandoverOptions
        {
            QuiesceTimeout = TimeSpan.FromSeconds(2), ProceedOnLeaseAlone = true, NodeName = "demo-migrator",
        },
    };

    private long _session, _done, _archived, _released, _freed, _freedBefore, _skipped, _failed, _strictMs;
    private volatile string _step = "idle";

    public static async Task<int> RunAsync(Workspace workspace)
    {
        Channel<string> words = Channel.CreateUnbounded<string>();
        using var stop = new CancellationTokenSource();
        using var parent = new ParentWatch();
        parent.Start(word => words.Writer.TryWrite(word), () =>
        {
            words.Writer.TryComplete();
            stop.Cancel();
        });
        await using HsmVolume volume = await HsmVolume.OpenAsync(workspace.Shard, new HsmVolumeOptions { JoinAsNode = false });
        var migrator = new MigratorProcess(volume, Manifest.Load(workspace.Manifest));
        await using var timer = new Timer(_ => migrator.Report(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await foreach (string _ in words.Reader.ReadAllAsync())
            await migrator.RunSessionAsync(stop.Token);
        migrator.Report();
        return 0;
    }

    void IProgress<FileOutcome>.Report(FileOutcome outcome)
    {
        switch (outcome.Action)
        {
            case FileAction.Archived:
                Interlocked.Increment(ref _archived);
                break;
            case FileAction.Released:
                _step = "release";
                Interlocked.Increment(ref _released);
                Interlocked.Add(ref _freed, outcome.Bytes);
                break;
        }
    }

    private async Task RunSessionAsync(CancellationToken stop)
    {
        string[] paths = [.. manifest.Cold.Where((_, index) => index % Sessions == _session % Sessions).Select(entry => entry.Path)];
        _session++;
        _step = "archive";
        Report();
        MigrationSummary summary = await volume.MigrateAsync(paths, s_options with { Progress = this }, stop);
        foreach (FileOutcome failure in summary.Failures)
            Console.Error.WriteLine($"migrator: {failure.Path}: {failure.Reason ?? failure.Error?.Message}");
        _freed = _freedBefore += summary.BytesFreed;
        _skipped += summary.Skipped;
        _failed += summary.Failed;
        _strictMs += (long)summary.StrictTime.TotalMilliseconds;
        _done++;
        _step = "idle";
        Report();
    }

    private void Report()
    {
        Console.Out.WriteLine(
            $"migrator=1 session={_session} done={_done} step={_step} archived={Interlocked.Read(ref _archived)} "
            + $"released={Interlocked.Read(ref _released)} freed={Interlocked.Read(ref _freed)} "
            + $"skipped={_skipped} failed={_failed} strictMs={_strictMs}");
        Console.Out.Flush();
    }
}
