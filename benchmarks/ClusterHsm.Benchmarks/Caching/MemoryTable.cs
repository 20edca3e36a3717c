using System.Collections.Concurrent;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Memory an entry: of the process (resident set) for the cache, of the GC heap for its peers.</summary>
internal static class MemoryTable
{
    /// <summary>Prints a Markdown table.</summary>
    public static void Print(TextWriter output)
    {
        output.WriteLine("| table | made for | inodes offered | held | bytes | bytes an entry made for | bytes an entry held | `MemoryBytes` |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        InodeCacheRow(TextWriter.Null, 1000, 1000); // what the runtime compiles for it is not the table's memory
        foreach (int entries in new[] { 1_000_000, 10_000_000 })
        {
            InodeCacheRow(output, entries, entries);
            InodeCacheRow(output, entries, entries * 2);
        }

        const int PeerEntries = 1_000_000;
        PeerRow(output, "ConcurrentDictionary", PeerEntries, () =>
        {
            var table = new ConcurrentDictionary<ulong, byte>();
            Each(PeerEntries, inode => table[inode] = 1);
            return (table, table.Count);
        });
        PeerRow(output, "FastConcurrentLru", PeerEntries, () =>
        {
            var table = new FastConcurrentLru<ulong, byte>(PeerEntries);
            Each(PeerEntries, inode => table.AddOrUpdate(inode, 1));
            return (table, table.Count);
        });
        PeerRow(output, "MemoryCache", PeerEntries, () =>
        {
            var table = new MemoryCache(new MemoryCacheOptions());
            Each(PeerEntries, inode => table.Set(inode, (byte)1));
            return (table, table.Count);
        });
    }

    private static void InodeCacheRow(TextWriter output, int entries, int offered)
    {
        long before = ResidentBytes();
        var cache = new InodeCache(entries);
        Each(offered, inode => cache.TryAdd(inode, 1));
        long bytes = ResidentBytes() - before;
        int held = 0;
        Each(offered, inode => held += cache.Contains(inode, 1) ? 1 : 0);
        Row(output, "InodeCache", entries, offered, held, bytes, $"{cache.MemoryBytes}");
        GC.KeepAlive(cache);
    }

    private static void PeerRow(TextWriter output, string name, int entries, Func<(object Table, int Held)> fill)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        (object table, int held) = fill();
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Row(output, name, entries, entries, held, bytes);
        GC.KeepAlive(table);
    }

    private static void Row(TextWriter output, string name, int entries, int offered, int held, long bytes, string asked = "") =>
        output.WriteLine($"| {name} | {entries} | {offered} | {held} | {bytes} | {(double)bytes / entries:F2} | {(double)bytes / held:F2} | {asked} |");

    private static void Each(int count, Action<ulong> action)
    {
        for (int i = 1; i <= count; i++)
        {
            // Odd multiplier: distinct and without order, as inode numbers of several servers are.
            action((ulong)i * 0xBF58476D1CE4E5B9);
        }
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
