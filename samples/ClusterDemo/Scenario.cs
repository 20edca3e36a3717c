using System.Diagnostics;

namespace ClusterHsm.ClusterDemo;

/// <summary>What happens to the cluster, in order.</summary>
internal sealed class Scenario(Cluster cluster, Action<string> note)
{
    /// <summary>Three leases of 3 s and some.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    private Child Paused => cluster.Nodes[1];

    private Child Killed => cluster.Nodes[2];

    /// <summary>How long the node was stopped.</summary>
    public TimeSpan PausedFor { get; private set; }

    /// <summary>Files that were released meanwhile.</summary>
    public long ReleasedDuringPause { get; private set; }

    /// <summary>From its first breath until it was relaxed again.</summary>
    public TimeSpan RelaxedAfterPause { get; private set; }

    /// <summary>From the kill to the end of the session it happened in.</summary>
    public TimeSpan SessionEndAfterKill { get; private set; }

    /// <summary>How long nodes read and the migrator worked.</summary>
    public TimeSpan Elapsed { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await RelaxedAsync(cancellationToken);
        long begin = Stopwatch.GetTimestamp();
        await Task.Delay(s_calm, cancellationToken);
        for (int session = 1; session <= MigratorProcess.Sessions; session++)
        {
            await (session switch
            {
                2 => PauseNodeAsync(session, cancellationToken),
                3 => KillNodeAsync(session, cancellationToken),
                _ => RunSessionAsync(session, cancellationToken),
            });
            note($"session {session} is over");
            await RelaxedAsync(cancellationToken);
            await Task.Delay(s_calm, cancellationToken);
        }
        Elapsed = Stopwatch.GetElapsedTime(begin);
        note("the end: all are asked to stop");
        await cluster.EndAsync(cancellationToken);
    }

    private async Task RunSessionAsync(int session, CancellationToken cancellationToken)
    {
        await BeginSessionAsync(session, cancellationToken);
        await SessionEndAsync(session, cancellationToken);
    }

    /// <summary>Stops a node with a full cache for a whole session, so that all that the session releases is released meanwhile.</summary>
    private async Task PauseNodeAsync(int session, CancellationToken cancellationToken)
    {
        long releasedBefore = Released;
        long begin = Stopwatch.GetTimestamp();
        note($"{Paused.Name} is stopped (SIGSTOP) while relaxed, its cache full");
        Paused.Pause();
        await Task.WhenAll(RunSessionAsync(session, cancellationToken), Task.Delay(s_pause, cancellationToken));
        PausedFor = Stopwatch.GetElapsedTime(begin);
        ReleasedDuringPause = Released - releasedBefore;

        long lines = Paused.Lines;
        begin = Stopwatch.GetTimestamp();
        note($"{Paused.Name} goes on (SIGCONT) after {PausedFor.TotalSeconds:0.0} s, in which {ReleasedDuringPause:n0} files were released");
        Paused.Continue();
        await cluster.WaitForAsync("the paused node reads on", () => Paused.Lines > lines + 1, s_patience, cancellationToken);
        await RelaxedAsync(cancellationToken);
        RelaxedAfterPause = Stopwatch.GetElapsedTime(begin);
    }

    private async Task KillNodeAsync(int session, CancellationToken cancellationToken)
    {
        await BeginSessionAsync(session, cancellationToken);
        note($"{Killed.Name} is killed (SIGKILL)");
        await Killed.KillAsync();
        long begin = Stopwatch.GetTimestamp();
        await SessionEndAsync(session, cancellationToken);
        SessionEndAfterKill = Stopwatch.GetElapsedTime(begin);
    }

    /// <summary>As the migrator last told; exact while no session runs, because it tells at the end of each.</summary>
    private long Released => cluster.Migrator.Latest.Number("released");

    private async Task BeginSessionAsync(int session, CancellationToken cancellationToken)
    {
        note($"session {session} begins");
        cluster.Migrator.Tell("session");
        await cluster.WaitForAsync(
            "the session begins", () => cluster.Migrator.Latest.Number("session") == session, s_patience, cancellationToken);
    }

    private Task SessionEndAsync(int session, CancellationToken cancellationToken) => cluster.WaitForAsync(
        $"session {session} ends", () => cluster.Migrator.Latest.Number("done") == session, s_patience, cancellationToken);

    private Task RelaxedAsync(CancellationToken cancellationToken) => cluster.WaitForAsync(
        "every node is relaxed", () => cluster.IsEveryNodeRelaxed, s_patience, cancellationToken);
}
