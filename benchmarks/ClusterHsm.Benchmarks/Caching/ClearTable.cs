using System.Diagnostics;
using System.Globalization;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>One clear of a full cache, small and large, while another thread reads.</summary>
/// <remarks>
/// A clear takes the epoch's line from a reader, so its cost depends on how often the reader asks for it. The reader looks at the same ten
/// inodes whatever the size, and small and large take turns: what differs between the rows is the size alone.
/// </remarks>
internal static class ClearTable
{
    private const int Small = 10;
    private const int Clears = 20_000;
    private const int Batches = 101;

    /// <summary>Prints a Markdown table.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| clear, a reader running | entries | ns | against 10 entries |");
        output.WriteLine("|---|---:|---:|---:|");
        Rows(output, "`InodeCache.Clear`", [Small, 10_000_000], OfInodeCaches([Small, 10_000_000]));
        Rows(output, "`FastConcurrentLru.Clear`", [Small, 1_000_000], [OfPeer(Small), OfPeer(1_000_000)]);
    }

    private static void Rows(TextWriter output, string name, int[] entries, double[] nanoseconds)
    {
        for (int i = 0; i < entries.Length; i++)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {entries[i]} | {nanoseconds[i]:0.0} | {nanoseconds[i] / nanoseconds[0]:0.00} |"));
    }

    /// <summary>The median batch of each size: a clear is an increment, whatever is in the table.</summary>
    private static double[] OfInodeCaches(int[] entries)
    {
        InodeCache[] caches = [.. entries.Select(Filled)];
        InodeCache read = caches[0];
        long looks = 0;
        double[][] batches = [.. caches.Select(_ => new double[Batches])];
        WithReader(
            inode =>
            {
                InodeCache cache = Volatile.Read(ref read);
                Volatile.Write(ref looks, looks + 1);
                return cache.Contains(inode, cache.Epoch);
            },
            () =>
            {
                // The first two are compiling and warming up.
                for (int batch = -2; batch < Batches; batch++)
                {
                    for (int i = 0; i < caches.Length; i++)
                    {
                        Volatile.Write(ref read, caches[i]);
                        long seen = Volatile.Read(ref looks);
                        SpinWait.SpinUntil(() => Volatile.Read(ref looks) > seen + 100); // the reader is at it, and has a processor
                        double nanoseconds = Cleared(caches[i]);
                        if (batch >= 0)
                            batches[i][batch] = nanoseconds;
                    }
                }
            });
        return [.. batches.Select(static of => of.Order().ElementAt(Batches / 2))];
    }

    private static InodeCache Filled(int entries)
    {
        InodeCache cache = new(entries);
        for (ulong inode = 1; inode <= (ulong)entries; inode++)
            cache.TryAdd(inode, cache.Epoch);
        return cache;
    }

    private static double Cleared(InodeCache cache)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Clears; i++)
            cache.Clear();
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / Clears;
    }

    /// <summary>The median of seven: it has to be filled anew for each.</summary>
    private static double OfPeer(int entries)
    {
        FastConcurrentLru<ulong, byte> lru = new(entries);
        double[] clears = new double[7];
        WithReader(inode => lru.TryGet(inode, out _), () =>
        {
            for (int clear = 0; clear < clears.Length; clear++)
            {
                for (ulong inode = 1; inode <= (ulong)entries; inode++)
                    lru.AddOrUpdate(inode, 1);
                long began = Stopwatch.GetTimestamp();
                lru.Clear();
                clears[clear] = Stopwatch.GetElapsedTime(began).TotalNanoseconds;
            }
        });
        return clears.Order().ElementAt(clears.Length / 2);
    }

    private static void WithReader(Func<ulong, bool> look, Action measure)
    {
        using CancellationTokenSource stop = new();
        Thread reader = new(() =>
        {
            for (ulong inode = 1; !stop.IsCancellationRequested; inode = (inode % Small) + 1)
                look(inode);
        });
        reader.Start();
        measure();
        stop.Cancel();
        reader.Join();
    }
}
