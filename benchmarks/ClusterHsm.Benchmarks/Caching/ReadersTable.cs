using System.Diagnostics;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Whether readers slow one another or are slowed by an inserter. All threads get a share of the processors they must divide.</summary>
internal static class ReadersTable
{
    private const int Entries = 100_000;
    private const int Batch = 4096;
    private const int Rounds = 5;

    /// <summary>Prints a Markdown table: the median batch of the slowest reader, which leaves out batches that lost the processor.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| threads | ns a hit, median batch, slowest reader (median of 5 rounds) | against alone |");
        output.WriteLine("|---|---:|---:|");
        (string Name, int Readers, int InsertEvery)[] cases =
        [
            ("one reader", 1, -1),
            ("two readers", 2, -1),
            ("one reader, one inserter at full speed", 1, 0),
            ("two readers, one inserter of 100 thousand/s", 2, 10_000),
            ("two readers, one inserter at full speed", 2, 0),
        ];
        double[][] figures = [.. cases.Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                figures[i][round] = SlowestReader(cases[i].Readers, cases[i].InsertEvery);
            }
        }

        double alone = Median(figures[0]);
        for (int i = 0; i < cases.Length; i++)
        {
            output.WriteLine($"| {cases[i].Name} | {Median(figures[i]):F2} | {Median(figures[i]) / alone:F2} |");
        }
    }

    private static double SlowestReader(int readers, int insertEveryNanoseconds)
    {
        var cache = new InodeCache(Entries * 2);
        for (ulong inode = 1; inode <= Entries; inode++)
        {
            cache.TryAdd(inode, 1);
        }

        using var stop = new CancellationTokenSource();
        double[] medians = new double[readers];
        var threads = Enumerable.Range(0, readers).Select(i => new Thread(() => medians[i] = Read(cache, i))).ToList();
        var inserter = new Thread(() => Insert(cache, insertEveryNanoseconds, stop.Token));
        if (insertEveryNanoseconds >= 0)
        {
            inserter.Start();
        }

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        stop.Cancel();
        if (insertEveryNanoseconds >= 0)
        {
            inserter.Join();
        }

        return medians.Max();
    }

    private static double Read(InodeCache cache, int seed)
    {
        var random = new Random(seed);
        ulong[] inodes = new ulong[1 << 16];
        for (int i = 0; i < inodes.Length; i++)
        {
            inodes[i] = (ulong)random.Next(1, Entries + 1);
        }

        var batches = new List<double>();
        long start = Stopwatch.GetTimestamp();
        for (int batch = 0; Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(300); batch++)
        {
            ReadOnlySpan<ulong> part = inodes.AsSpan(batch % 16 * Batch, Batch);
            long from = Stopwatch.GetTimestamp();
            foreach (ulong inode in part)
            {
                cache.Contains(inode, 1);
            }

            batches.Add(Stopwatch.GetElapsedTime(from).TotalNanoseconds / Batch);
        }

        return Median([.. batches]);
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
                cache.TryAdd((ulong)random.NextInt64(Entries + 1, 1 << 20), 1);
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
