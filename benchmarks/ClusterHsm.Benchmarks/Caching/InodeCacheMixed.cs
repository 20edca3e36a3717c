using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>What a node does on open: look, and add on a miss. Zipf 0.9, the cache holding half of the inodes.</summary>
[MemoryDiagnoser]
public class InodeCacheMixed
{
    private const int Looks = 1 << 20;

    private ulong[] _trace = [];
    private InodeCache _cache = new(1);
    private ConcurrentDictionary<ulong, byte> _dictionary = new();
    private FastConcurrentLru<ulong, byte> _lru = new(3);

    /// <summary>Draws the trace; each table meets it in its warm-up.</summary>
    [GlobalSetup]
    public void Draw()
    {
        _trace = Traces.Zipf(inodes: 200_000, length: Looks, skew: 0.9, seed: 1);
        _cache = new InodeCache(100_000);
        _lru = new FastConcurrentLru<ulong, byte>(Environment.ProcessorCount, 100_000, EqualityComparer<ulong>.Default);
        _dictionary = new ConcurrentDictionary<ulong, byte>();
    }

    /// <summary>The cache of this library.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Looks)]
    public int InodeCache()
    {
        int hits = 0;
        long epoch = _cache.Epoch;
        foreach (ulong inode in _trace)
        {
            if (_cache.Contains(inode, epoch))
            {
                hits++;
            }
            else
            {
                _cache.TryAdd(inode, epoch);
            }
        }

        return hits;
    }

    /// <summary>Bounded, of BitFaster.Caching.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int FastConcurrentLru()
    {
        int hits = 0;
        foreach (ulong inode in _trace)
        {
            if (_lru.TryGet(inode, out _))
            {
                hits++;
            }
            else
            {
                _lru.AddOrUpdate(inode, 1);
            }
        }

        return hits;
    }

    /// <summary>Unbounded: after the warm-up it holds every inode and only hits.</summary>
    [Benchmark(OperationsPerInvoke = Looks)]
    public int ConcurrentDictionary()
    {
        int hits = 0;
        foreach (ulong inode in _trace)
        {
            if (_dictionary.ContainsKey(inode))
            {
                hits++;
            }
            else
            {
                _dictionary.TryAdd(inode, 1);
            }
        }

        return hits;
    }
}
