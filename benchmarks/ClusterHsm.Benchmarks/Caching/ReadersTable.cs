using System.Diagnostics;
using System.Globalization;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Whether readers slow one another or are slowed by an inserter. All threads get a share of the processors they must divide.</summary>
/// <remarks>
/// Hits of some nanoseconds follow whatever else the machine and its processors' caches do, which changes within seconds. So each phase of a case
/// stands between two of one reader alone, on the same table and the same inodes, and is held against these two only.
/// </remarks>
internal static class ReadersTable
{
    private const int Entries = 100_000;
    private const int Batch = 4096;
    private const int Pairs = 15;
    private const int Never = -1, AtFullSpeed = 0;

    private static readonly TimeSpan Phase = TimeSpan.FromMilliseconds(60);

    /// <summary>Prints a Markdown table: the median batch of the slowest reader, which leaves out batches that lost the processor.</summary>
    public static void Print(TextWriter output)
    {
        InodeCache cache = new(Entries * 6);
        ulong[][] inodes = [.. Enumerable.Range(0, 2).Select(Drawn)];
        for (int i = 0; i < 40; i++)
        {
            SlowestReader(cache, inodes[..1], Never, TimeSpan.FromMilliseconds(10)); // until all is compiled as it stays
        }

        output.WriteLine($"| threads | ns a hit, median batch, slowest reader (median of {Pairs} phases) | against alone (median) | alone just before and after, ns |");
        output.WriteLine("|---|---:|---:|---:|");
        foreach ((string name, int readers, int insertEvery) in new[]
        {
            ("one reader, twice", 1, Never),
            ("two readers", 2, Never),
            ("one reader, one inserter at full speed", 1, AtFullSpeed),
            ("one reader, one inserter of 100 thousand/s", 1, 10_000),
            ("one reader, one inserter of 1 million/s", 1, 1000),
            ("two readers, one inserter of 100 thousand/s", 2, 10_000),
            ("two readers, one inserter of 1 million/s", 2, 1000),
            ("two readers, one inserter at full speed", 2, AtFullSpeed),
        })
        {
            double[] alone = new double[Pairs], those = new double[Pairs], ratios = new double[Pairs];
            double before = SlowestReader(cache, inodes[..1], Never, Phase);
            for (int i = 0; i < Pairs; i++)
            {
                those[i] = SlowestReader(cache, inodes[..readers], insertEvery, Phase);
                double after = SlowestReader(cache, inodes[..1], Never, Phase);
                alone[i] = (before + after) / 2;
                ratios[i] = those[i] / alone[i];
                before = after;
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Median(those):F2} | {Median(ratios):F2} | {Median(alone):F2} |"));
        }
    }

    private static double SlowestReader(InodeCache cache, ulong[][] inodes, int insertEveryNanoseconds, TimeSpan time)
    {
        // Also what an inserter before has evicted: a few in each phase, which would add up.
        for (ulong inode = 1; inode <= Entries; inode++)
        {
            cache.TryAdd(inode, 1);
        }

        using var stop = new CancellationTokenSource();
        double[] medians = new double[inodes.Length];
        List<Thread> threads = [.. inodes.Select((own, i) => new Thread(() => medians[i] = Read(cache, own, time)))];
        var inserter = new Thread(() => Insert(cache, insertEveryNanoseconds, stop.Token));
        if (insertEveryNanoseconds != Never)
        {
            inserter.Start();
        }

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        stop.Cancel();
        if (insertEveryNanoseconds != Never)
        {
            inserter.Join();
        }

        return medians.Max();
    }

    private static ulong[] Drawn(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1 << 16).Select(_ => (ulong)random.Next(1, Entries + 1))];
    }

    private static double Read(InodeCache cache, ulong[] inodes, TimeSpan time)
    {
        var batches = new List<double>();
        int misses = 0;
        long start = Stopwatch.GetTimestamp();
        for (int batch = 0; Stopwatch.GetElapsedTime(start) < time; batch++)
        {
            ReadOnlySpan<ulong> part = inodes.AsSpan(batch % (inodes.Length / Batch) * Batch, Batch);
            long from = Stopwatch.GetTimestamp();
            foreach (ulong inode in part)
            {
                if (!cache.Contains(inode, 1))
                {
                    misses++;
                }
            }

            batches.Add(Stopwatch.GetElapsedTime(from).TotalNanoseconds / Batch);
        }

        return misses * 1000L <= (long)batches.Count * Batch
            ? Median([.. batches])
            : throw new InvalidOperationException($"{misses} misses: this is not about hits");
    }

    private static void Insert(InodeCache cache, int everyNanoseconds, CancellationToken stop)
    {
        var random = new Random(9);
        while (!stop.IsCancellationRequested)
        {
            // A small burst a millisecond keeps the rate without holding a processor.
            int burst = everyNanoseconds == 0 ? 1000 : 1_000_000 / everyNanoseconds;
            for (int i = 0; i < burst; i++)
            {
                // Others than the readers', and few enough to evict next to none of theirs: what is compared is hits with hits.
                ulong inode = (ulong)random.Next(Entries + 1, Entries * 3);
                if (!cache.TryAdd(inode, 1) || random.Next(2) == 0)
                {
                    cache.Remove(inode);
                }
            }

            if (everyNanoseconds != 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}
