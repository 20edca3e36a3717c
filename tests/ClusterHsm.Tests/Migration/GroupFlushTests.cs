using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>Many who want their files durable at once.</summary>
public sealed class GroupFlushTests
{
    private readonly List<ShardOperationInfo> _flushes = [];

    [SetUp]
    public void Forget() => _flushes.Clear();

    [Test]
    public async Task Those_who_come_while_a_flush_runs_are_served_by_one_barrier()
    {
        InMemoryNode node = NewNode();
        GroupFlush flushes = new(node);
        List<Task> late = [];
        node.BeforeOperation = info => Note(info, () =>
        {
            if (_flushes.Count == 1)
                late.AddRange(Make(node, 1, 20).Select(flushes.FlushAsync));
        });

        await flushes.FlushAsync(Make(node, 0, 1).Single());
        await Task.WhenAll(late).WaitAsync(TimeSpan.FromSeconds(30));

        _flushes.Select(flush => flush.Operation).Should().Equal(ShardOperation.Flush, ShardOperation.FlushAll);
        IsDurable(node).Should().BeTrue();
    }

    [Test]
    public async Task One_after_the_other_each_is_flushed_by_itself_before_the_call_returns()
    {
        InMemoryNode node = NewNode();
        GroupFlush flushes = new(node);
        node.BeforeOperation = info => Note(info);

        foreach (IShardFile file in Make(node, 0, 10))
            await flushes.FlushAsync(file);

        _flushes.Should().HaveCount(10).And.OnlyContain(flush => flush.Operation == ShardOperation.Flush);
    }

    [Test]
    public async Task Where_the_barrier_fails_each_file_is_flushed_by_itself_and_only_its_own_failure_is_told()
    {
        InMemoryNode node = NewNode();
        GroupFlush flushes = new(node);
        List<Task> late = [];
        IShardFile[] files = [.. Make(node, 1, 20)];
        node.BeforeOperation = info => Note(info, () =>
        {
            if (_flushes.Count == 1)
                late.AddRange(files.Select(flushes.FlushAsync));
            if (info.Operation == ShardOperation.FlushAll || info.Path == "f3")
                throw new ShardIOException(ShardError.Other, "flush", info.Path, "the disk is broken");
        });

        await flushes.FlushAsync(Make(node, 0, 1).Single());

        for (int i = 0; i < files.Length; i++)
        {
            Func<Task> waiting = () => late[i].WaitAsync(TimeSpan.FromSeconds(30));
            if (files[i].Path == "f3")
                (await waiting.Should().ThrowAsync<ShardIOException>()).Which.Path.Should().Be("f3");
            else
                await waiting.Should().NotThrowAsync();
        }
    }

    [Test]
    public async Task Without_a_barrier_each_is_flushed_by_itself()
    {
        InMemoryNode node = NewNode(hasBarrier: false);
        GroupFlush flushes = new(node);
        node.BeforeOperation = info => Note(info);

        await Task.WhenAll(Make(node, 0, 20).Select(flushes.FlushAsync));

        _flushes.Should().HaveCount(20).And.OnlyContain(flush => flush.Operation == ShardOperation.Flush);
    }

    private static InMemoryNode NewNode(bool hasBarrier = true) =>
        new InMemoryCluster(new InMemoryClusterOptions { HasBarrier = hasBarrier, CrashLosesUnflushedChanges = true }).AddNode("node");

    private static IEnumerable<IShardFile> Make(InMemoryNode node, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            IShardFile file = node.Open($"f{i}", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
            file.Write([1], 0);
            yield return file;
        }
    }

    /// <summary>Whether all is there after a crash.</summary>
    private static bool IsDurable(InMemoryNode node)
    {
        node.Crash();
        InMemoryNode witness = node.Cluster.AddNode("witness");
        return Enumerable.Range(0, 21).All(i => witness.GetInfo($"f{i}") is { Size: 1 });
    }

    private void Note(ShardOperationInfo info, Action? then = null)
    {
        if (info.Operation is not (ShardOperation.Flush or ShardOperation.FlushAll))
            return;
        lock (_flushes)
            _flushes.Add(info);
        then?.Invoke();
    }
}
