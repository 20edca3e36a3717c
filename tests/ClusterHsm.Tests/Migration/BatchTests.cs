using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>A list is remembered in batches, so that the memory of a migration has a bound.</summary>
public sealed class BatchTests
{
    [TestCase(0, new[] { 0 })]
    [TestCase(2, new[] { 2 })]
    [TestCase(3, new[] { 3 })]
    [TestCase(7, new[] { 3, 3, 1 })]
    [TestCase(9, new[] { 3, 3, 3 })]
    public async Task A_list_is_read_once_and_in_order_and_no_farther_than_it_is_used(int count, int[] expected)
    {
        List<int> read = [], sizes = [];
        int given = 0;

        await Batches.ForEachAsync(All(), 3, batch =>
        {
            int size = 0;
            foreach (int one in batch)
            {
                read.Add(one);
                given.Should().Be(read.Count, "the list may be slower than what is done with it");
                size++;
            }
            sizes.Add(size);
            return Task.CompletedTask;
        });

        sizes.Should().Equal(expected);
        read.Should().Equal(Enumerable.Range(0, count));

        IEnumerable<int> All()
        {
            for (; given < count;)
                yield return given++;
        }
    }

    [Test]
    public async Task A_longer_list_than_a_batch_is_archived_and_released_batch_by_batch_each_under_its_own_handover()
    {
        using VolumeInMemory cluster = new();
        string[] names = [.. Enumerable.Range(0, 25).Select(i => $"f{i}")];
        foreach (string name in names)
        {
            using IShardFile file = cluster.Migrator.Shard.Open(name, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
            file.Write(System.Text.Encoding.UTF8.GetBytes(name), 0);
        }
        int waiting = 0, most = 0;
        MigrationOptions options = LocalShard.AtOnce with
        {
            MostFilesInBatch = 10,
            Progress = new Told(outcome =>
            {
                waiting += outcome.Action == FileAction.Archived ? 1 : -1;
                most = Math.Max(most, waiting);
            }),
        };

        MigrationSummary sum = await cluster.PumpAsync(cluster.Migrator.Volume.MigrateAsync(names, options));

        sum.Should().BeEquivalentTo(new { Archived = 25L, Released = 25L, Failed = 0L, Skipped = 0L, Handovers = 3 });
        (waiting, most).Should().Be((0, 10));
    }

    /// <summary>Stated on docs/performance.md: two of these a file, its path, and a place in a queue and a list.</summary>
    [Test]
    public void What_is_remembered_of_a_file_takes_no_more_than_is_stated()
    {
        const int Count = 10_000;
        ReleaseCandidate[] made = new ReleaseCandidate[Count];
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < Count; i++)
            made[i] = new ReleaseCandidate("f", default, default(ShardTimestamp));

        ((GC.GetAllocatedBytesForCurrentThread() - before) / Count).Should().BeLessThanOrEqualTo(80);
    }

    private sealed class Told(Action<FileOutcome> tell) : IProgress<FileOutcome>
    {
        public void Report(FileOutcome value) => tell(value);
    }
}
