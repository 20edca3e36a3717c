using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>A look that hits, in random order: the cost of knowing that a file is not a stub.</summary>
/// <remarks>
/// All rows run the same loop over the same inodes in the same order, and count what is not found, as a caller branches on the
/// answer. No look waits for the answer of the one before it, so the processor works on several at a time: it is throughput that is measured.
/// </remarks>
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

    /// <summary>Draws the order of the looks, of inodes that the cache of this library holds.</summary>
    [GlobalSetup(Targets = [nameof(LoopAlone), nameof(InodeCache)])]
    public void FillCache() => Draw();

    /// <summary>The same inodes in a dictionary.</summary>
    [GlobalSetup(Target = nameof(ConcurrentDictionary))]
    public void FillDictionary()
    {
        _dictionary = new ConcurrentDictionary<ulong, byte>();
        foreach (ulong inode in Draw())
        {
            _dictionary[inode] = 1;
        }
    }

    /// <summary>The same inodes in the LRU, which has room for more, or it would not hold all.</summary>
    [GlobalSetup(Target = nameof(FastConcurrentLru))]
    public void FillLru()
    {
        _lru = new FastConcurrentLru<ulong, byte>(Environment.ProcessorCount, Entries * 5 / 4, EqualityComparer<ulong>.Default);
        foreach (ulong inode in Draw())
        {
            _lru.AddOrUpdate(inode, 1);
        }
    }

    /// <summary>The same inodes in a memory cache.</summary>
    [GlobalSetup(Target = nameof(MemoryCache))]
    public void FillMemoryCache()
    {
        _memoryCache = new MemoryCache(new MemoryCacheOptions());
        foreach (ulong inode in Draw())
        {
            _memoryCache.Set(inode, (byte)1);
        }

        // A key of MemoryCache is an object; boxing it is not counted against it.
        _boxed = Array.ConvertAll(_inodes, inode => (object)inode);
    }

    private ulong[] Draw()
    {
        _cache = new InodeCache(Entries);
        ulong[] held = HeldInodes(_cache, Entries);
        var random = new Random(1);
        _inodes = new ulong[Looks];
        for (int i = 0; i < Looks; i++)
        {
            _inodes[i] = held[random.Next(held.Length)];
        }

        return held;
    }

    /// <summary>No table: what of each other row is the loop and the reading of the inode numbers. It is taken off none of them.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int LoopAlone()
    {
        int misses = 0;
        foreach (ulong inode in _inodes)
        {
            if (inode == 0)
            {
                misses++;
            }
        }

        return Checked(misses);
    }

    /// <summary>The cache of this library.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Looks)]
    public int InodeCache()
    {
        InodeCache cache = _cache;
        long epoch = cache.Epoch;
        int misses = 0;
        foreach (ulong inode in _inodes)
        {
            if (!cache.Contains(inode, epoch))
            {
                misses++;
            }
        }

        return Checked(misses);
    }

    /// <summary>Unbounded, of the framework.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int ConcurrentDictionary()
    {
        ConcurrentDictionary<ulong, byte> dictionary = _dictionary;
        int misses = 0;
        foreach (ulong inode in _inodes)
        {
            if (!dictionary.ContainsKey(inode))
            {
                misses++;
            }
        }

        return Checked(misses);
    }

    /// <summary>Bounded, of BitFaster.Caching.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int FastConcurrentLru()
    {
        FastConcurrentLru<ulong, byte> lru = _lru;
        int misses = 0;
        foreach (ulong inode in _inodes)
        {
            if (!lru.TryGet(inode, out _))
            {
                misses++;
            }
        }

        return Checked(misses);
    }

    /// <summary>Of Microsoft.Extensions.Caching.Memory.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int MemoryCache()
    {
        MemoryCache memoryCache = _memoryCache;
        int misses = 0;
        foreach (object inode in _boxed)
        {
            if (!memoryCache.TryGetValue(inode, out _))
            {
                misses++;
            }
        }

        return Checked(misses);
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

    private static int Checked(int misses) => misses == 0 ? misses : throw new InvalidOperationException($"{misses} misses");
}
