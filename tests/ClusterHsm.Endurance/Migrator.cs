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
        using Process reader = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["reader", root, $"{seed}", seconds]))!;
        long released = 0, recalled = 0, failed = 0;
        int sessions = 0;
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
        }
        bool isRight = reader.ExitCode == 0 && failed == 0;
        Console.WriteLine($"{sessions:N0} sessions: released {released:N0}, recalled {recalled:N0}, failed {failed}; {(isRight ? "every byte was right" : "NOT RIGHT, the shard is kept")}");
        if (isRight)
            Directory.Delete(folder, recursive: true);
        return isRight ? 0 : 1;
    }
}
