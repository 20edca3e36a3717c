namespace ClusterHsm.ClusterDemo;

/// <summary>The figures at the end, and the verdict.</summary>
internal static class Summary
{
    /// <returns>Whether all is well: no wrong byte, no failure, and everything that was to be shown has happened.</returns>
    public static bool Print(Manifest manifest, Cluster cluster, Scenario scenario, FinalCheck check)
    {
        StatLine migrator = cluster.Migrator.Latest;
        double strict = migrator.Number("strictMs") / 1000.0;
        long files = Sum(cluster, "reads");
        long mismatches = cluster.Mismatches + check.Mismatches;
        long failures = cluster.Errors + migrator.Number("failed");
        Console.WriteLine();
        Line("Files", $"{manifest.Entries.Count:n0} ({manifest.Bytes / 1e6:0} MB), {manifest.Cold.Length:n0} of them cold");
        Line("Bytes freed", $"{migrator.Number("freed") / 1e6:0.0} MB in {migrator.Number("released"):n0} releases; "
            + $"{migrator.Number("skipped"):n0} skipped, {migrator.Number("failed"):n0} failed");
        Line("Now", $"{check.Stubs:n0} stubs; the shard takes {check.Allocated / 1e6:0.0} MB");
        Line("Files read", $"{files:n0}, each compared whole; {Sum(cluster, "recalls"):n0} recalls");
        Line("Speed of a node", $"relaxed {Rate(cluster, "relaxed"):n0} files/s, strict {Rate(cluster, "strict"):n0} files/s, "
            + "digest included");
        Line("Strict", $"{strict:0.0} s of {scenario.Elapsed.TotalSeconds:0.0} s ({strict / scenario.Elapsed.TotalSeconds:0%}) "
            + $"for {MigratorProcess.Sessions} sessions");
        Line("Node paused", $"{scenario.PausedFor.TotalSeconds:0.0} s, files released meanwhile; "
            + $"seen relaxed again {scenario.RelaxedAfterPause.TotalSeconds:0.0} s after it went on");
        Line("Node killed", $"the session ended {scenario.SessionEndAfterKill.TotalSeconds:0.0} s later");
        Line("Mismatches", $"{mismatches}");

        string? fault = mismatches > 0 ? "wrong bytes were read"
            : failures > 0 ? $"{failures} reads or migrations failed, see above"
            : migrator.Number("released") == 0 || Sum(cluster, "recalls") == 0 || Sum(cluster, "hits") == 0
                ? "nothing was released, recalled or served from the cache, so nothing was shown"
            : cluster.Children.FirstOrDefault(child => child.HasFailed) is { } child ? $"{child.Name} failed"
            : null;
        Line("Verdict", fault is null ? "every byte was right" : $"FAILED: {fault}");
        return fault is null;
    }

    private static void Line(string name, string text) => Console.WriteLine($"{name,-16}{text}");

    private static long Sum(Cluster cluster, string key) => cluster.Nodes.Sum(node => node.Latest.Number(key));

    private static double Rate(Cluster cluster, string mode) =>
        Sum(cluster, mode + "Files") * 1000.0 / Math.Max(1, Sum(cluster, mode + "Ms"));
}
