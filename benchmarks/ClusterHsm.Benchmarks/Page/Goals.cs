namespace ClusterHsm.Benchmarks.Page;

/// <summary>All goals that are figures, in the order of the page.</summary>
internal static class Goals
{
    private const string Opening = "Opening and reading a file that is in the page cache";
    private const string Hits = "Hits in the inode cache";
    private const string Memory = "Memory of the inode cache";
    private const string Readers = "Readers beside an inserter";
    private const string Clearing = "Clearing the inode cache";
    private const string HitRates = "Hit rates";
    private const string Migration = "Archive, release, recall";
    private const string FirstByte = "The first byte of a large stub";
    private const string NodeStart = "The start of a node";
    private const string CommandStart = "The start of the command";
    private const string Scan = "A scan of a million files";
    private const string Requests = "Requests to the server on GlusterFS";
    private const string Strict = "How long the cluster is strict";

    private const string Relaxed = "`HsmVolume.OpenFile`, `Read`, dispose; relaxed";
    private const string Small = "10,000 files of 16 KiB: ";
    private const string Large = "one file of 1 GiB: ";
    private const string Copy = "`cp -r` and `sync -f`";

    public static IReadOnlyList<Goal> All { get; } =
    [
        AtMost("hit in the inode cache, 10 thousand entries", 4, " ns", "0.0", m => m.Number(Hits, "InodeCache|10000|", 2)),
        AtMost("hit, 1 million entries", 30, " ns", "0.0", m => m.Number(Hits, "InodeCache|1000000|", 2)),
        .. from peer in (string[])["ConcurrentDictionary", "FastConcurrentLru", "MemoryCache"]
           from entries in (int[])[10_000, 1_000_000]
           select AtLeast($"hit, {(entries == 10_000 ? "10 thousand" : "1 million")}, as fast as {peer}", 3, " times", "0.0",
               m => m.Number(Hits, $"{peer}|{entries}|", 2) / m.Number(Hits, $"InodeCache|{entries}|", 2)),
        AtMost("memory an entry, made for 1 million", 10, " bytes", "0.00", m => m.Number(Memory, "InodeCache|1000000|", 5)),
        AtMost("memory an entry, made for 10 million", 10, " bytes", "0.00", m => m.Number(Memory, "InodeCache|10000000|", 5)),
        AtMost("clear with 10 million entries, against one with 10 (the same, but for noise)", 1.1, " times", "0.00", m => m.Number(Clearing, "`InodeCache.Clear`|10000000|", 3)),
        AtMost("slowest of two readers beside an inserter, against alone", 1.2, " times", "0.00", m => m.Numbers(Readers, "two readers, one inserter", 2).Max()),
        AtMost("hit rate below FastConcurrentLru's, worst of all traces", 2, " points", "0.00", m => -m.Numbers(HitRates, "Zipf", 3).Min()),
        AtMost("open, read 4 KiB, close; relaxed, against File.OpenHandle", 0.75, " times", "0.00", m => m.Number(Opening, Relaxed, 2)),
        AtMost("the same, against the same system calls of libc", 1.15, " times", "0.00", m =>
            m.Number(Opening, Relaxed, 1) / (m.Number(Opening, "`openat2`", 1) ?? m.Number(Opening, "`open`", 1))),
        AtMost("a further 4 KiB read, longer than RandomAccess.Read by", 60, " ns", "0", m =>
            1000 * (m.Number(Opening, "`HsmFile.Read`; relaxed", 1) - m.Number(Opening, "`RandomAccess.Read`", 1))),
        AtMost("requests of a relaxed open, read, close on GlusterFS, against the plain calls", 1, " times", "0.00", m =>
            m.Number(Requests, Relaxed, 1) / m.Number(Requests, "`openat`", 1)),
        AtLeast("archive of 1 GiB, rate against cp", 0.9, " times", "0.00", m => m.Number(Migration, $"{Large}archive|", 2)),
        AtLeast("archive and release of 10,000 files of 16 KiB, rate against cp", 0.7, " times", "0.00", m => Both(m, "")),
        AtLeast("the same by the native command", 0.7, " times", "0.00", m => Both(m, ", native command")),
        AtLeast("recall of 1 GiB, rate against cp", 0.9, " times", "0.00", m => m.Number(Migration, $"{Large}recall|", 2)),
        AtLeast("recall of 10,000 files of 16 KiB, rate against cp", 0.7, " times", "0.00", m => m.Number(Migration, $"{Small}recall|", 2)),
        AtMost("first byte of a stub of 1 GiB", 2, " ms", "0.00", m => m.Number(FirstByte, "the stub, by `ReadThrough`, the object not", 1)),
        AtLeast("states of a million files, rate against find", 0.5, " times", "0.00", m => m.Number(Scan, "`clusterhsm status", 2)),
        AtMost("share of the time in which the cluster is strict, 10,000 files of 16 KiB", 3, " %", "0", m => m.Number(Strict, "10,000 of 16 KiB|3 s", 6)),
        AtMost("the same, 10,000 files of 1 MiB", 3, " %", "0.0", m => m.Number(Strict, "10,000 of 1 MiB|3 s", 6)),
        AtMost("the same, 1,000 files of 10 MiB, lease of 0.3 s", 3, " %", "0.0", m => m.Number(Strict, "1,000 of 10 MiB|0.3 s", 6)),
        AtMost("start of a node, to its first relaxed read", 1000, " ms", "0.0", m => m.Number(NodeStart, "`HsmVolume.OpenAsync`", 1)),
        AtMost("the whole process clusterhsm status, native", 15, " ms", "0.0", m => m.Number(CommandStart, "`clusterhsm status FILE`, NativeAOT", 1)),
    ];

    private static double? Both(Measured m, string told) =>
        m.Number(Migration, Small + Copy, 1) / (m.Number(Migration, $"{Small}archive{told}|", 1) + m.Number(Migration, $"{Small}release{told}", 1));

    private static Goal AtMost(string work, double bound, string unit, string format, Func<Measured, double?> figure) =>
        new(work, bound, IsAtMost: true, unit, format, figure);

    private static Goal AtLeast(string work, double bound, string unit, string format, Func<Measured, double?> figure) =>
        new(work, bound, IsAtMost: false, unit, format, figure);
}
