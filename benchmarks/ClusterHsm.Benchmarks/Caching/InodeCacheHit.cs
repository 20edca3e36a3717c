using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>A look that hits, in random order: the cost of knowing that a file is not a stub.</summary>
[MemoryDiagnoser]
public class InodeCacheHit
{
    private const int Looks = 1 << 20;

    private ulong[] _inodes = [];
    private object[] _boxed = [];
    private InodeCache _cache = new(1);
    private ConcurrentDictionary<ulong, byte> _dictionary = new();
    private FastConcurrentLru<ulong, byte> _lru = new(3);
    private MemoryCache _memoryCache = new(new MemoryCacheOptions());

    /// <summary>How many inodes each table holds.</summary>
    [Params(10_000, 1_000_000)]
    public int Entries { get; set; }

    /// <summary>Fills each table and draws the order of the looks; each table is asked for inodes that it holds.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _cache = new InodeCache(Entries);
        _dictionary = new ConcurrentDictionary<ulong, byte>();
        _lru = new FastConcurrentLru<ulong, byte>(Environment.ProcessorCount, Entries * 5 / 4, EqualityComparer<ulong>.Default);
        _memoryCache = new MemoryCache(new MemoryCacheOptions());
        ulong[] held = HeldInodes(_cache, Entries);
        foreach (ulong inode in held)
        {
            _dictionary[inode] = 1;
            _lru.AddOrUpdate(inode, 1);
            _memoryCache.Set(inode, (byte)1);
        }

        var random = new Random(1);
        _inodes = new ulong[Looks];
        for (int i = 0; i < Looks; i++)
        {
            _inodes[i] = held[random.Next(held.Length)];
        }

        // A key of MemoryCache is an object; boxing it is not counted against it.
        _boxed = Array.ConvertAll(_inodes, inode => (object)inode);
    }

    /// <summary>The cache of this library.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Looks)]
    public int InodeCache()
    {
        InodeCache cache = _cache;
        long epoch = cache.Epoch;
        int hits = 0;
        foreach (ulong inode in _inodes)
        {
            hits += cache.Contains(inode, epoch) ? 1 : 0;
        }

        return Checked(hits);
    }

    /// <summary>Unbounded, of the framework.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int ConcurrentDictionary()
    {
        ConcurrentDictionary<ulong, byte> dictionary = _dictionary;
        int hits = 0;
        foreach (ulong inode in _inodes)
        {
            hits += dictionary.ContainsKey(inode) ? 1 : 0;
        }

        return Checked(hits);
    }

    /// <summary>Bounded, of BitFaster.Caching.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int FastConcurrentLru()
    {
        FastConcurrentLru<ulong, byte> lru = _lru;
        int hits = 0;
        foreach (ulong inode in _inodes)
        {
            hits += lru.TryGet(inode, out _) ? 1 : 0;
        }

        return hits > Looks / 2 ? hits : throw new InvalidOperationException($"only {hits} hits");
    }

    /// <summary>Of Microsoft.Extensions.Caching.Memory.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int MemoryCache()
    {
        MemoryCache memoryCache = _memoryCache;
        int hits = 0;
        foreach (object inode in _boxed)
        {
            hits += memoryCache.TryGetValue(inode, out _) ? 1 : 0;
        }

        return Checked(hits);
    }

    /// <summary>
    /// Adds random inode numbers until the cache holds <paramref name="entries"/> or has seen twice as many; the
    /// inodes that it holds then.
    /// </summary>
    internal static ulong[] HeldInodes(InodeCache cache, int entries)
    {
        var random = new Random(2);
        var offered = new HashSet<ulong>();
        while (offered.Count < entries * 2)
        {
            ulong inode = (ulong)random.NextInt64(1, long.MaxValue);
            if (offered.Add(inode))
            {
                cache.TryAdd(inode, cache.Epoch);
            }
        }

        return [.. offered.Where(inode => cache.Contains(inode, cache.Epoch))];
    }

    private static int Checked(int hits) => hits == Looks ? hits : throw new InvalidOperationException($"only {hits} hits");
}
