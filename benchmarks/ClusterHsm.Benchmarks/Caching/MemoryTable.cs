using System.Collections.Concurrent;
using System.Globalization;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Memory an entry: by how much the process grows (resident set) with several tables, divided by their number; for each table alike.</summary>
internal static class MemoryTable
{
    private const int PeerEntries = 1_000_000;

    /// <summary>Prints a Markdown table.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| table | made for | inodes offered | held | bytes | bytes an entry made for | bytes an entry held | bytes by its own account |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        InodeCacheRow(TextWriter.Null, tables: 2, 1_000_000, 1_000_000); // what the runtime compiles for it is not the table's memory
        foreach ((int entries, int tables) in new[] { (1_000_000, 10), (10_000_000, 3) })
        {
            InodeCacheRow(output, tables, entries, entries);
            InodeCacheRow(output, tables, entries, entries * 2);
        }

        PeerRow(output, "ConcurrentDictionary", () =>
        {
            var table = new ConcurrentDictionary<ulong, byte>();
            Each(PeerEntries, inode => table[inode] = 1);
            return (table, table.Count);
        });
        PeerRow(output, "FastConcurrentLru", () =>
        {
            var table = new FastConcurrentLru<ulong, byte>(PeerEntries);
            Each(PeerEntries, inode => table.AddOrUpdate(inode, 1));
            return (table, table.Count);
        });
        PeerRow(output, "MemoryCache", () =>
        {
            var table = new MemoryCache(new MemoryCacheOptions());
            Each(PeerEntries, inode => table.Set(inode, (byte)1));
            return (table, table.Count);
        });
    }

    /// <summary>Its own account is <see cref="InodeCache.MemoryBytes"/>.</summary>
    private static void InodeCacheRow(TextWriter output, int tables, int entries, int offered) =>
        Row(output, "InodeCache", tables, entries, offered, () =>
        {
            var cache = new InodeCache(entries);
            Each(offered, inode => cache.TryAdd(inode, 1));
            int held = 0;
            Each(offered, inode => held += cache.Contains(inode, 1) ? 1 : 0);
            return (cache, held);
        });

    /// <summary>Its own account is what it adds to the GC heap.</summary>
    private static void PeerRow(TextWriter output, string name, Func<(object Table, int Held)> fill) =>
        Row(output, name, tables: 3, PeerEntries, PeerEntries, fill);

    private static void Row(TextWriter output, string name, int tables, int entries, int offered, Func<(object Table, int Held)> fill)
    {
        var filled = new (object Table, int Held)[tables];
        (long residentBefore, long heapBefore) = Bytes();
        for (int i = 0; i < tables; i++)
        {
            filled[i] = fill();
        }

        (long resident, long heap) = Bytes();
        long bytes = (resident - residentBefore) / tables;
        (object table, int held) = filled[0];
        long own = table is InodeCache cache ? cache.MemoryBytes : (heap - heapBefore) / tables;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {entries} | {offered} | {held} | {bytes} | {(double)bytes / entries:F2} | {(double)bytes / held:F2} | {own} |"));
        GC.KeepAlive(filled);
    }

    private static void Each(int count, Action<ulong> action)
    {
        for (int i = 1; i <= count; i++)
        {
            // Odd multiplier: distinct and without order, as inode numbers of several servers are.
            action((ulong)i * 0xBF58476D1CE4E5B9);
        }
    }

    /// <summary>What is resident, and what of it is objects, after all that is unused has been given back.</summary>
    private static (long Resident, long Heap) Bytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return (ResidentBytes(), GC.GetTotalMemory(forceFullCollection: false));
    }

    private static long ResidentBytes()
    {
        // The kernel adds this one up page by page; the count that the working set comes from is kept by processor and lags behind.
        const string Exact = "/proc/self/smaps_rollup";
        if (File.Exists(Exact))
        {
            string line = File.ReadLines(Exact).First(static line => line.StartsWith("Rss:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }

        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
