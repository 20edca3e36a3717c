using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm.NodeProcess;

/// <summary>What is done to a shard, in words: the operation, then paths; <c>import</c> takes exports.</summary>
internal static class ShardWork
{
    /// <summary>One file after the other, so that the steps have an order.</summary>
    public static MigrationOptions InOrder { get; } = new() { Jobs = 1, SettleTime = TimeSpan.Zero };

    public static SweepOptions SweepAtOnce { get; } = new() { SettleTime = TimeSpan.Zero };

    /// <summary>
    /// Does it, and again what was skipped because somebody had it open: a process that this one is starting on another thread has all
    /// files open until it runs its own program.
    /// </summary>
    /// <returns>Files that failed, with the reason.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(HsmVolume volume, string[] words)
    {
        const int MostAttempts = 20;
        for (int attempt = 1; ; attempt++)
        {
            Told told = new();
            IReadOnlyList<string> failures = await RunOnceAsync(volume, words, told);
            if (!told.IsBusy || attempt == MostAttempts)
                return failures;
            await Task.Delay(10);
        }
    }

    private static async Task<IReadOnlyList<string>> RunOnceAsync(HsmVolume volume, string[] words, Told told)
    {
        string[] rest = words[1..];
        MigrationOptions options = InOrder with { Progress = told };
        MigrationSummary sum = words[0] switch
        {
            "archive" => await volume.ArchiveAsync(rest, options),
            "release" => await volume.ReleaseAsync(rest, options),
            "release in groups of 8" => await volume.ReleaseAsync(rest, options with { MostFilesInGroup = 8 }),
            "migrate" => await volume.MigrateAsync(rest, options),
            "recall" => await volume.RecallAsync(rest, options),
            "import" => await volume.ImportAsync(rest.Select(Export), options),
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

    private sealed class Told : IProgress<FileOutcome>
    {
        public bool IsBusy { get; private set; }

        public void Report(FileOutcome value) => IsBusy |= value.Action == FileAction.Skipped || value.Error is FileBusyException;
    }
}
