using System.Diagnostics;
using System.Globalization;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>One clear of a full cache, small and large, while another thread reads.</summary>
internal static class ClearTable
{
    private const int Small = 10;
    private const int Clears = 100_000;

    /// <summary>Prints a Markdown table.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| clear, a reader running | entries | ns | against 10 entries |");
        output.WriteLine("|---|---:|---:|---:|");
        double first = 0;
        OfInodeCache(Small); // compiled and warm, before the first counts
        foreach (int entries in (int[])[Small, 10_000_000])
            Row(output, "`InodeCache.Clear`", entries, OfInodeCache(entries), ref first);
        first = 0;
        foreach (int entries in (int[])[Small, 1_000_000])
            Row(output, "`FastConcurrentLru.Clear`", entries, OfPeer(entries), ref first);
    }

    private static void Row(TextWriter output, string name, int entries, double nanoseconds, ref double first)
    {
        first = first == 0 ? nanoseconds : first;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {entries} | {nanoseconds:0.0} | {nanoseconds / first:0.00} |"));
    }

    /// <summary>The median of 21 batches: a clear is an increment, whatever is in the table.</summary>
    private static double OfInodeCache(int entries)
    {
        InodeCache cache = new(entries);
        for (ulong inode = 1; inode <= (ulong)entries; inode++)
            cache.TryAdd(inode, cache.Epoch);
        return WithReader(inode => cache.Contains(inode, cache.Epoch), entries, () =>
        {
            double[] batches = new double[21];
            for (int batch = 0; batch < batches.Length; batch++)
            {
                long began = Stopwatch.GetTimestamp();
                for (int i = 0; i < Clears; i++)
                    cache.Clear();
                batches[batch] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Clears;
            }
            return batches.Order().ElementAt(batches.Length / 2);
        });
    }

    /// <summary>The median of seven: it has to be filled anew for each.</summary>
    private static double OfPeer(int entries)
    {
        FastConcurrentLru<ulong, byte> lru = new(entries);
        return WithReader(inode => lru.TryGet(inode, out _), entries, () =>
        {
            double[] clears = new double[7];
            for (int clear = 0; clear < clears.Length; clear++)
            {
                for (ulong inode = 1; inode <= (ulong)entries; inode++)
                    lru.AddOrUpdate(inode, 1);
                long began = Stopwatch.GetTimestamp();
                lru.Clear();
                clears[clear] = Stopwatch.GetElapsedTime(began).TotalNanoseconds;
            }
            return clears.Order().ElementAt(clears.Length / 2);
        });
    }

    private static double WithReader(Func<ulong, bool> look, int entries, Func<double> measure)
    {
        using CancellationTokenSource stop = new();
        Thread reader = new(() =>
        {
            for (ulong inode = 1; !stop.IsCancellationRequested; inode = (inode % (ulong)entries) + 1)
                look(inode);
        });
        reader.Start();
        double result = measure();
        stop.Cancel();
        reader.Join();
        return result;
    }
}
