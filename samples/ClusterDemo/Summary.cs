namespace ClusterHsm.ClusterDemo;

/// <summary>The figures at the end, and the verdict.</summary>
internal static class Summary
{
    /// <returns>Whether all is well: no wrong byte, no failure, and everything that was to be shown has happened.</returns>
    public static bool Print(Manifest manifest, Cluster cluster, Scenario scenario, FinalCheck check, TimeSpan time)
    {
        StatLine migrator = cluster.Migrator.Latest;
        double signal = migrator.Number("signalMs") / 1000.0;
        double strict = Sum(cluster, "strictModeMs") / 1000.0;
        // A stopped node works in no mode.
        double alive = (Sum(cluster, "aliveMs") / 1000.0) - scenario.PausedFor.TotalSeconds;
        long mismatches = cluster.Mismatches + check.Mismatches;
        Console.WriteLine();
        Line("Files", $"{manifest.Entries.Count:n0} ({manifest.Bytes / 1e6:0} MB), {manifest.Cold.Length:n0} of them cold");
        Line("Released", $"{migrator.Number("released"):n0} of the {manifest.Cold.Length:n0} cold files, {migrator.Number("freed") / 1e6:0.0} MB; "
            + $"{migrator.Number("failed"):n0} failed");
        Line("Now", $"{check.Stubs:n0} stubs; the shard takes {check.Allocated / 1e6:0.0} MB");
        Line("Files read", $"{Sum(cluster, "reads"):n0} = {Sum(cluster, "hits"):n0} cache hits + {Sum(cluster, "misses"):n0} misses + "
            + $"{Sum(cluster, "strict"):n0} strict, each compared whole; {Sum(cluster, "recalls"):n0} recalls");
        Line("Speed of a node", $"relaxed {Rate(cluster, "relaxed"):n0} files/s, strict {Rate(cluster, "strict"):n0} files/s, digest included");
        Line("", $"left out of it: {LeftOut(cluster, "recall")} with a recall, {LeftOut(cluster, "slow")} over {ReadTally.LongestTimedMilliseconds} ms");
        Line("Nodes strict", $"{strict / alive:0%} of their time, {strict:0.0} s of {alive:0.0} s");
        Line("Signal held", $"by the migrator {signal:0.0} s of {scenario.Elapsed.TotalSeconds:0.0} s ({signal / scenario.Elapsed.TotalSeconds:0%}), "
            + $"in {MigratorProcess.Sessions} sessions");
        Line("Node paused", $"{scenario.PausedFor.TotalSeconds:0.0} s, {scenario.ReleasedDuringPause:n0} files released meanwhile; "
            + $"seen relaxed again {scenario.RelaxedAfterPause.TotalSeconds:0.0} s after it went on");
        Line("Node killed", $"the session ended {scenario.SessionEndAfterKill.TotalSeconds:0.0} s later");
        Line("Time", $"{time.TotalSeconds:0.0} s");
        Line("Mismatches", $"{mismatches}");

        string? fault = FindFault(manifest, cluster, scenario, mismatches);
        Line("Verdict", fault is null ? "every byte was right" : $"FAILED: {fault}");
        return fault is null;
    }

    private static string? FindFault(Manifest manifest, Cluster cluster, Scenario scenario, long mismatches)
    {
        StatLine migrator = cluster.Migrator.Latest;
        long failures = cluster.Errors + migrator.Number("failed");
        long released = migrator.Number("released");
        return mismatches > 0 ? "wrong bytes were read"
            : failures > 0 ? $"{failures} reads or migrations failed, see above"
            : released < manifest.Cold.Length ? $"only {released} of {manifest.Cold.Length} cold files were released, half of all files were to be"
            : scenario.ReleasedDuringPause == 0 ? "no file was released while a node was paused"
            : Sum(cluster, "recalls") == 0 || Sum(cluster, "hits") == 0 ? "nothing was recalled or served from the cache, so nothing was shown"
            : cluster.Children.FirstOrDefault(child => child.HasFailed) is { } child ? $"{child.Name} failed"
            : null;
    }

    private static void Line(string name, string text) => Console.WriteLine($"{name,-16}{text}");

    private static long Sum(Cluster cluster, string key) => cluster.Nodes.Sum(node => node.Latest.Number(key));

    private static double Rate(Cluster cluster, string mode) =>
        Sum(cluster, mode + "Timed") * 1000.0 / Math.Max(1, Sum(cluster, mode + "Ms"));

    private static string LeftOut(Cluster cluster, string kind) => $"{Sum(cluster, kind + "Timed"):n0} reads ({Sum(cluster, kind + "Ms") / 1000.0:0.0} s)";
}
