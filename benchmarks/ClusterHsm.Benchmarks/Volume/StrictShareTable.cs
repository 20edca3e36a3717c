using System.Diagnostics;
using System.Globalization;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>How much of the time in which files are archived and released a node that stands by is strict.</summary>
internal static class StrictShareTable
{
    private const int FileLength = 16 << 10;

    /// <summary>Prints a Markdown table.</summary>
    /// <param name="output">Where.</param>
    /// <param name="files">How many.</param>
    public static async Task PrintAsync(TextWriter output, int files)
    {
        output.WriteLine($"| {files} files of 16 KiB; lease + margin | archive, s | release, s | of which it waited, s | node strict, s | share of the whole |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach ((int lease, int margin) in ((int, int)[])[(3000, 200), (1000, 100), (300, 50), (100, 20)])
            output.WriteLine(await RunAsync(files, TimeSpan.FromMilliseconds(lease), TimeSpan.FromMilliseconds(margin)));
    }

    private static async Task<string> RunAsync(int files, TimeSpan lease, TimeSpan margin)
    {
        using ScratchShard shard = new(new ShardInitializeOptions { LeaseDuration = lease, ClockDriftMargin = margin });
        string[] names = [.. Enumerable.Range(0, files).Select(i => shard.Write($"{i / 100}/{i}", FileLength))];
        await using HsmVolume node = await HsmVolume.OpenAsync(shard.Root);
        await using HsmVolume migrator = await HsmVolume.OpenAsync(shard.Root, new HsmVolumeOptions { JoinAsNode = false });
        SignalFileLockMonitor monitor = node.Monitor!;
        await monitor.WaitForModeAsync(LockMode.Relaxed);

        StrictTime strict = new();
        monitor.ModeChanged += strict.OnChange;
        MigrationOptions options = new() { SettleTime = TimeSpan.Zero };
        long begunAt = Stopwatch.GetTimestamp();
        await migrator.ArchiveAsync(names, options);
        TimeSpan archive = Stopwatch.GetElapsedTime(begunAt);
        MigrationSummary released = await migrator.ReleaseAsync(names, options);
        TimeSpan both = Stopwatch.GetElapsedTime(begunAt);
        await monitor.WaitForModeAsync(LockMode.Relaxed);
        await strict.Ended;
        TimeSpan whole = Stopwatch.GetElapsedTime(begunAt);
        if (released.Released != files)
            throw new InvalidOperationException($"Only {released.Released} of {files} files were released.");
        return string.Create(CultureInfo.InvariantCulture,
            $"| {lease.TotalSeconds:0.###} s + {margin.TotalSeconds:0.###} s | {archive.TotalSeconds:0.00} | {(both - archive).TotalSeconds:0.00} | {(lease + margin).TotalSeconds:0.00} | {strict.Sum.TotalSeconds:0.00} | {strict.Sum / whole:P0} |");
    }

    /// <summary>Adds up the time in strict mode; told in order, one at a time.</summary>
    private sealed class StrictTime
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _since;

        public TimeSpan Sum { get; private set; }

        /// <summary>Completes when relaxed mode has come back.</summary>
        public Task Ended => _ended.Task;

        public void OnChange(object? sender, ModeChangedEventArgs change)
        {
            if (change.Mode == LockMode.Strict)
            {
                _since = Stopwatch.GetTimestamp();
                return;
            }
            if (_since == 0)
                return; // of the start of the node, told late
            Sum += Stopwatch.GetElapsedTime(_since);
            _ended.TrySetResult();
        }
    }
}
