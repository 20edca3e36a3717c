using System.Threading.Channels;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.ClusterDemo;

/// <summary>The migrator: at each word of the parent one session over the next part of the cold files.</summary>
internal sealed class MigratorProcess(HsmVolume volume, Manifest manifest) : IProgress<FileOutcome>
{
    public const string Role = "migrator";

    public const int Sessions = 4;

    /// <summary>How often the last session tries what is left, for instance because a node had it open.</summary>
    private const int LastRounds = 5;

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

    private readonly HashSet<string> _released = [];
    private long _session, _done, _archived, _freed, _freedBefore, _failed, _strictMs;
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
                lock (_released)
                    _released.Add(outcome.Path);
                Interlocked.Add(ref _freed, outcome.Bytes);
                break;
        }
    }

    /// <summary>A session is over the next part of the cold files and what others have left; the last leaves nothing that can be released.</summary>
    private async Task RunSessionAsync(CancellationToken stop)
    {
        _session++;
        for (int round = 0; round < (_session == Sessions ? LastRounds : 1); round++)
        {
            string[] paths = [.. manifest.Cold.Where((_, index) => index % Sessions < _session).Select(entry => entry.Path).Where(path => !_released.Contains(path))];
            if (paths.Length > 0)
                await MigrateAsync(paths, stop);
        }
        _done++;
        _step = "idle";
        Report();
    }

    private async Task MigrateAsync(string[] paths, CancellationToken stop)
    {
        _step = "archive";
        Report();
        MigrationSummary summary = await volume.MigrateAsync(paths, s_options with { Progress = this }, stop);
        foreach (FileOutcome failure in summary.Failures)
            Console.Error.WriteLine($"migrator: {failure.Path}: {failure.Reason ?? failure.Error?.Message}");
        _freed = _freedBefore += summary.BytesFreed;
        _failed += summary.Failed;
        _strictMs += (long)summary.StrictTime.TotalMilliseconds;
    }

    private void Report()
    {
        int released;
        lock (_released)
            released = _released.Count;
        Console.Out.WriteLine(
            $"migrator=1 session={_session} done={_done} step={_step} archived={Interlocked.Read(ref _archived)} "
            + $"released={released} freed={Interlocked.Read(ref _freed)} failed={_failed} signalMs={_strictMs}");
        Console.Out.Flush();
    }
}
