using System.Diagnostics;

namespace ClusterHsm.Endurance;

/// <summary>Reads random files and compares every byte. Its last line is a <see cref="ReaderResult"/>.</summary>
internal static class Reader
{
    public static async Task<int> RunAsync(string root, int seed, TimeSpan duration)
    {
        byte[][] expected = [.. Enumerable.Range(0, Corpus.Count).Select(file => Corpus.BytesOf(seed, file))];
        byte[] buffer = new byte[128 << 10];
        Random random = new(seed);
        Stopwatch watch = Stopwatch.StartNew();
        long reads = 0, mismatches = 0, errors = 0;
        await using HsmVolume volume = await HsmVolume.OpenAsync(root, new HsmVolumeOptions { Signal = new() { PollInterval = TimeSpan.FromMilliseconds(100) } });
        while (watch.Elapsed < duration)
        {
            int file = random.Next(Corpus.Count);
            try
            {
                await using HsmFile open = await volume.OpenFileAsync(Corpus.NameOf(file));
                for (int again = 0; again < 4; again++, reads++)
                {
                    int length = await open.ReadAsync(buffer, 0);
                    if (buffer.AsSpan(0, length).SequenceEqual(expected[file]))
                        continue;
                    mismatches++;
                    Console.Error.WriteLine($"WRONG BYTES in {Corpus.NameOf(file)}, mode {open.Mode}");
                }
            }
            catch (HsmException e)
            {
                errors++;
                Console.Error.WriteLine(e.Message);
            }
        }
        HsmVolumeCounters counters = volume.Counters;
        Console.WriteLine(new ReaderResult(reads, counters.CacheHits, counters.StrictLooks, counters.Recalls, volume.Monitor!.State.ModeChanges, errors, mismatches).ToLine());
        return mismatches + errors == 0 ? 0 : 1;
    }
}
