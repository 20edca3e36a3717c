using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lru;
using ClusterHsm.Caching;

namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Clearing at any size, while another thread reads.</summary>
[MemoryDiagnoser]
public class InodeCacheClear
{
    private readonly CancellationTokenSource _stop = new();
    private InodeCache _cache = new(1);
    private Thread? _reader;

    /// <summary>How many inodes the cache is made for and filled with.</summary>
    [Params(10, 10_000_000)]
    public int Entries { get; set; }

    /// <summary>Fills the cache and starts the reader.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _cache = new InodeCache(Entries);
        for (ulong inode = 1; inode <= (ulong)Entries; inode++)
        {
            _cache.TryAdd(inode, _cache.Epoch);
        }

        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>Stops the reader.</summary>
    [GlobalCleanup]
    public void Stop()
    {
        _stop.Cancel();
        _reader?.Join();
        _stop.Dispose();
    }

    /// <summary>One clear.</summary>
    [Benchmark]
    public long Clear() => _cache.Clear();

    private void Read()
    {
        ulong inode = 0;
        while (!_stop.IsCancellationRequested)
        {
            inode = (inode % 10) + 1; // the same ten at each size, so that the epoch's line is asked for as often
            _cache.Contains(inode, _cache.Epoch);
        }
    }
}

/// <summary>The peer's clear, on a full table.</summary>
[IterationCount(3)]
[WarmupCount(1)]
public class PeerClear
{
    private FastConcurrentLru<ulong, byte> _lru = new(3);

    /// <summary>How many inodes are held.</summary>
    [Params(10, 1_000_000)]
    public int Entries { get; set; }

    /// <summary>Fills.</summary>
    [IterationSetup]
    public void Fill()
    {
        _lru = new FastConcurrentLru<ulong, byte>(Entries);
        for (ulong inode = 1; inode <= (ulong)Entries; inode++)
        {
            _lru.AddOrUpdate(inode, 1);
        }
    }

    /// <summary>One clear.</summary>
    [Benchmark]
    public void FastConcurrentLru() => _lru.Clear();
}
