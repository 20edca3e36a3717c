using BitFaster.Caching.Lru;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Hit rates against FastConcurrentLru, both made for half of the working set.</summary>
internal static class HitRateTable
{
    private const int Inodes = 200_000;
    private const int Length = 4_000_000;

    /// <summary>Prints a Markdown table; percent, the same at every run.</summary>
    public static void Print(TextWriter output)
    {
        ulong[] zipf = Traces.Zipf(Inodes, Length, 0.9, seed: 1);
        (string Name, ulong[] Trace)[] traces =
        [
            ("Zipf 0.9", zipf),
            ("Zipf 0.9, wanted inodes change", Traces.Shifting(zipf, Inodes)),
            ("Zipf 0.9, scan of 20 thousand new inodes every 200 thousand looks", Traces.WithScans(zipf, 200_000, 20_000, false)),
            ("Zipf 0.9, scan of 100 thousand new inodes every 200 thousand looks", Traces.WithScans(zipf, 200_000, 100_000, false)),
            ("Zipf 0.9, the same 100 thousand scanned every 200 thousand looks", Traces.WithScans(zipf, 200_000, 100_000, true)),
            ("Zipf 0.9, scan of 400 thousand new inodes every 200 thousand looks", Traces.WithScans(zipf, 200_000, 400_000, false)),
            ("Zipf 0.9, every third look at a new inode", Traces.WithScans(zipf, 2, 1, false)),
        ];
        output.WriteLine($"| trace, capacity {Inodes / 2} | InodeCache % | FastConcurrentLru % | difference |");
        output.WriteLine("|---|---:|---:|---:|");
        foreach ((string name, ulong[] trace) in traces)
        {
            double ours = InodeCacheRate(trace);
            double peer = FastConcurrentLruRate(trace);
            output.WriteLine($"| {name} | {ours:F2} | {peer:F2} | {ours - peer:+0.00;-0.00} |");
        }
    }

    private static double InodeCacheRate(ulong[] trace)
    {
        var cache = new InodeCache(Inodes / 2);
        long epoch = cache.Epoch;
        int hits = 0;
        foreach (ulong inode in trace)
        {
            if (cache.Contains(inode, epoch))
            {
                hits++;
            }
            else
            {
                cache.TryAdd(inode, epoch);
            }
        }

        return 100.0 * hits / trace.Length;
    }

    private static double FastConcurrentLruRate(ulong[] trace)
    {
        var lru = new FastConcurrentLru<ulong, byte>(1, Inodes / 2, EqualityComparer<ulong>.Default);
        int hits = 0;
        foreach (ulong inode in trace)
        {
            if (lru.TryGet(inode, out _))
            {
                hits++;
            }
            else
            {
                lru.AddOrUpdate(inode, 1);
            }
        }

        return 100.0 * hits / trace.Length;
    }
}
