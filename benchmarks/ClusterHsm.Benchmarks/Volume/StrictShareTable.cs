using System.Diagnostics;
using System.Globalization;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>How much of the time in which files are archived and released a node that stands by is strict.</summary>
internal static class StrictShareTable
{
    private const double Goal = 0.03;

    private const long Small = 16 << 10, Medium = 1 << 20, Large = 10 << 20;

    /// <summary>Prints a Markdown table: files of a few sizes, at a few leases.</summary>
    /// <param name="output">Where.</param>
    /// <param name="files">How many small ones; the large ones hold 10 GiB for 10,000.</param>
    public static async Task PrintAsync(TextWriter output, int files)
    {
        output.WriteLine("| files | lease + margin | archive, s | release, s | of which it waited, s | node strict, s | share of the whole | would be 3 % of, s |");
        output.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|");
        // Nothing is deleted before the end, because ext4 is slow for a while where inodes were.
        List<ScratchShard> made = [];
        try
        {
            foreach ((int lease, int margin) in ((int, int)[])[(3000, 200), (1000, 100), (300, 50), (100, 20)])
                output.WriteLine(await RunAsync(made, files, Small, lease, margin));
            foreach ((int count, long length, int lease, int margin) in
                     ((int, long, int, int)[])[(files, Medium, 3000, 200), (files, Medium, 300, 50), (files / 10, Large, 300, 50)])
                output.WriteLine(await RunAsync(made, count, length, lease, margin));
        }
        finally
        {
            made.ForEach(static shard => shard.Dispose());
        }
    }

    private static async Task<string> RunAsync(List<ScratchShard> made, int files, long length, int leaseMilliseconds, int marginMilliseconds)
    {
        TimeSpan lease = TimeSpan.FromMilliseconds(leaseMilliseconds), margin = TimeSpan.FromMilliseconds(marginMilliseconds);
        ScratchShard shard = new(new ShardInitializeOptions { LeaseDuration = lease, ClockDriftMargin = margin });
        made.Add(shard);
        string[] names = [.. Enumerable.Range(0, files).Select(i => shard.Write($"{i / 100}/{i}", length))];
        await using HsmVolume node = await HsmVolume.OpenAsync(shard.Root);
        await using HsmVolume migrator = await HsmVolume.OpenAsync(shard.Root, new HsmVolumeOptions { JoinAsNode = false });
        SignalFileLockMonitor monitor = node.Monitor!;
        await monitor.WaitForModeAsync(LockMode.Relaxed);

        migrator.Shard.FlushAll(); // so that the archive does not wait for what was written before it

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
        shard.EmptyStore();
        return string.Create(CultureInfo.InvariantCulture,
            $"| {files:N0} of {(length < 1 << 20 ? $"{length >> 10} KiB" : $"{length >> 20} MiB")} | {lease.TotalSeconds:0.###} s + {margin.TotalSeconds:0.###} s | {archive.TotalSeconds:0.00} | {(both - archive).TotalSeconds:0.00} | {(lease + margin).TotalSeconds:0.00} | {strict.Sum.TotalSeconds:0.00} | {100 * (strict.Sum / whole):0.0} % | {(strict.Sum / Goal).TotalSeconds:0} |");
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
