using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Ten thousand recalls wanted at once of a store that does not answer. On a shard in memory: a process may not have so many files open everywhere.</summary>
[NonParallelizable]
public sealed class TenThousandRecallsTests
{
    private const int Count = 10_000;

    /// <summary>None for each recall; the machinery of the tests may start some of its own meanwhile.</summary>
    private const int MostThreads = 100;

    /// <summary>For each recall that waits; a buffer alone has 1 MiB.</summary>
    private const int MostBytesEach = 16 << 10;

    private Crowd _crowd = null!;
    private VolumeInMemory _cluster = null!;
    private MemoryNode _node = null!;
    private string[] _names = null!;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new VolumeInMemory();
        _crowd = new Crowd();
        WatchedStore store = new(_cluster.Store);
        _crowd.HoldReads(store);
        _node = _cluster.AddNode("node", isPolled: false, store: store);
        _names = [.. Enumerable.Range(0, Count).Select(i => $"f{i}")];
        foreach (string name in _names)
        {
            using IShardFile file = _cluster.Migrator.Shard.Open(name, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
            file.Write(System.Text.Encoding.UTF8.GetBytes(name), 0);
        }
        MigrationSummary sum = await _cluster.PumpAsync(_cluster.Migrator.Volume.MigrateAsync(_names, LocalShard.AtOnce));
        sum.Released.Should().Be(Count);
    }

    [TearDown]
    public void TearDown() => _cluster.Dispose();

    [Test]
    public async Task Ten_thousand_recalls_wanted_at_once_by_readers_take_no_thread_and_no_buffer_each()
    {
        await IsBoundedAsync(() => Task.WhenAll(_names.Select(async name =>
        {
            byte[] bytes = await _node.Volume.ReadAllAsync(name);
            return System.Text.Encoding.UTF8.GetString(bytes) == name ? 0 : 1;
        })), wanted: static (node, names) => node.Volume.Counters.Accesses >= names, right: wrong => wrong.Sum() == 0);
    }

    [Test]
    public async Task Ten_thousand_recalls_wanted_at_once_by_a_list_take_no_thread_and_no_buffer_each() =>
        await IsBoundedAsync(() => _node.Volume.RecallAsync(_names, LocalShard.AtOnce), wanted: static (_, _) => true, right: sum => sum.Recalled == Count);

    private async Task IsBoundedAsync<T>(Func<Task<T>> begin, Func<MemoryNode, int, bool> wanted, Func<T, bool> right)
    {
        (int threads, long bytes) = (ThreadPool.ThreadCount, GC.GetTotalMemory(forceFullCollection: true));

        Task<T> all = begin();
        using CancellationTokenSource patience = new(NodeChild.Patience);
        while (!wanted(_node, Count) || _crowd.Now < 4 || LocksOnFiles() < RecallPlaces.MostUnderWay)
            await Task.Delay(5, patience.Token);

        (ThreadPool.ThreadCount - threads).Should().BeLessThan(MostThreads);
        (GC.GetTotalMemory(forceFullCollection: true) - bytes).Should().BeLessThan(Count * (long)MostBytesEach);
        LocksOnFiles().Should().Be(RecallPlaces.MostUnderWay, "the others hold no lock while they wait");
        _crowd.LetGo();
        right(await all.WaitAsync(NodeChild.Patience * 3)).Should().BeTrue();
        _crowd.Most.Should().Be(4, "it is both defaults");
    }

    private int LocksOnFiles() => _node.Shard.HeldLocks.Where(held => !held.Path.StartsWith(ControlFolder.Name, StringComparison.Ordinal)).Select(held => held.Path).Distinct().Count();
}
