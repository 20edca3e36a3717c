using System.Diagnostics;
using System.Globalization;
using ClusterHsm.Migration;

namespace ClusterHsm.Endurance;

/// <summary>Makes a shard, starts the reader, and migrates and recalls all files in a loop until the time is over.</summary>
internal static class Migrator
{
    public static async Task<int> RunAsync(TimeSpan duration, string place)
    {
        int seed = Environment.TickCount & 0xFFFFFF;
        string folder = Path.Combine(place, $"clusterhsm-endurance-{seed}"), root = Path.Combine(folder, "shard");
        Directory.CreateDirectory(root);
        HsmShard.Initialize(root, new Uri(Path.Combine(folder, "store")), new() { LeaseDuration = TimeSpan.FromMilliseconds(400), ClockDriftMargin = TimeSpan.FromMilliseconds(50) });
        string[] names = [.. Enumerable.Range(0, Corpus.Count).Select(Corpus.NameOf)];
        for (int file = 0; file < Corpus.Count; file++)
        {
            string path = Path.Combine(root, names[file]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, Corpus.BytesOf(seed, file));
        }
        Console.WriteLine($"seed {seed}, {folder}");
        string seconds = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        using Process reader = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["reader", root, $"{seed}", seconds]) { RedirectStandardOutput = true })!;
        Task<string> readersWords = reader.StandardOutput.ReadToEndAsync();
        long released = 0, recalled = 0, failed = 0;
        int sessions = 0, stubs;
        await using (HsmVolume volume = await HsmVolume.OpenAsync(root, new HsmVolumeOptions { JoinAsNode = false }))
        {
            MigrationOptions options = new() { SettleTime = TimeSpan.Zero };
            while (!reader.HasExited)
            {
                MigrationSummary down = await volume.MigrateAsync(names, options);
                MigrationSummary up = await volume.RecallAsync(names, options);
                (released, recalled, failed) = (released + down.Released, recalled + up.Recalled, failed + down.Failed + up.Failed);
                sessions++;
                foreach (FileOutcome failure in down.Failures.Concat(up.Failures))
                    Console.Error.WriteLine(failure.Reason);
            }
            stubs = names.Count(name => volume.GetStatus(name).IsStub);
        }
        ReaderResult? read = ReaderResult.TryParse((await readersWords).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault());
        Console.WriteLine($"{sessions:N0} sessions: released {released:N0}, recalled {recalled + (read?.Recalls ?? 0):N0} ({recalled:N0} by the migrator, {read?.Recalls:N0} by the reader), "
            + $"{stubs} still stubs, failed {failed}");
        Console.WriteLine(read is null ? "the reader did not get to its end"
            : $"reads {read.Reads:N0}, cache hits {read.CacheHits:N0}, strict looks {read.StrictLooks:N0}, mode changes {read.ModeChanges:N0}, errors {read.Errors}, mismatches {read.Mismatches}");

        bool isShown = released > 0 && recalled > 0 && read is { Recalls: > 0, CacheHits: > 0 };
        bool isRight = isShown && failed == 0 && reader.ExitCode == 0;
        Console.WriteLine(isRight ? "every byte was right"
            : $"NOT RIGHT, the shard is kept{(isShown ? "" : ": nothing was released, recalled by each, or served from the cache")}");
        if (isRight)
            Directory.Delete(folder, recursive: true);
        return isRight ? 0 : 1;
    }
}
