using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm.NodeProcess;

/// <summary>What is done to a shard, in words: the operation, then paths; <c>import</c> takes exports.</summary>
internal static class ShardWork
{
    /// <summary>One file after the other, so that the steps have an order.</summary>
    public static MigrationOptions InOrder { get; } = new() { Jobs = 1, SettleTime = TimeSpan.Zero };

    public static SweepOptions SweepAtOnce { get; } = new() { SettleTime = TimeSpan.Zero };

    /// <returns>Files that failed, with the reason.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(HsmVolume volume, string[] words)
    {
        string[] rest = words[1..];
        MigrationSummary sum = words[0] switch
        {
            "archive" => await volume.ArchiveAsync(rest, InOrder),
            "release" => await volume.ReleaseAsync(rest, InOrder),
            "migrate" => await volume.MigrateAsync(rest, InOrder),
            "recall" => await volume.RecallAsync(rest, InOrder),
            "import" => await volume.ImportAsync(rest.Select(Export), InOrder),
            _ => new MigrationSummary(),
        };
        if (words[0] == "sweep")
            return [.. (await volume.SweepAsync(SweepAtOnce)).Gaps.Select(gap => $"{gap.Path}: {gap.Reason}")];
        if (words[0] == "pin")
            volume.Pin(rest[0]);
        return [.. sum.Failures.Select(failure => $"{failure.Path}: {failure.Error?.Message}")];
    }

    private static StubExport Export(string line) =>
        StubExport.TryParse(line, out StubExport? export, out string? problem) ? export! : throw new ArgumentException(problem);
}
