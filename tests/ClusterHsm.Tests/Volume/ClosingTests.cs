using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>The end of a volume while it is in use.</summary>
public sealed class ClosingTests
{
    private VolumeInMemory _cluster = null!;
    private MemoryNode _node = null!;

    [SetUp]
    public async Task MakeFile()
    {
        _cluster = new VolumeInMemory();
        await _cluster.ArchiveAsync();
        _node = _cluster.AddNode("node");
    }

    [TearDown]
    public void RemoveCluster() => _cluster.Dispose();

    [Test]
    public async Task Two_who_close_it_at_once_both_come_to_an_end()
    {
        HsmFile file = await _node.Volume.OpenFileAsync("f");

        Task<bool>[] closing = [_node.Volume.CloseAsync(), _node.Volume.CloseAsync(), _node.Volume.CloseAsync()];
        file.Dispose();

        (await Task.WhenAll(closing).WaitAsync(TimeSpan.FromSeconds(30))).Should().AllBeEquivalentTo(true);
    }

    [Test]
    public async Task It_waits_for_the_files_that_are_open_and_refuses_others()
    {
        HsmFile file = await _node.Volume.OpenFileAsync("f");

        Task<bool> closing = _node.Volume.CloseAsync();

        closing.IsCompleted.Should().BeFalse();
        Func<Task>[] late =
        [
            () => _node.Volume.OpenFileAsync("f").AsTask(), () => _node.Volume.ArchiveAsync(["f"]), () => _node.Volume.RecallAsync(["f"]),
            () => _node.Volume.SweepAsync(), () => _node.Volume.VerifyAsync(""),
        ];
        foreach (Func<Task> access in late)
            await access.Should().ThrowAsync<ObjectDisposedException>();
        file.Read(new byte[10], 0).Should().Be(10, "what is under way goes on");
        file.Dispose();
        (await closing.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue();
    }

    [Test]
    public async Task It_says_when_it_has_not_waited_for_all()
    {
        using HsmFile file = await _node.Volume.OpenFileAsync("f");

        (await _node.Volume.CloseAsync(new CancellationToken(canceled: true))).Should().BeFalse();
    }

    [Test]
    public async Task It_waits_for_a_sweep()
    {
        Task<bool>? closing = null;
        bool? hadEnded = null;
        _node.Shard.BeforeOperation = info =>
        {
            if (info.Operation != ShardOperation.ReadDirectory)
                return;
            closing ??= _node.Volume.CloseAsync();
            hadEnded = closing.IsCompleted;
        };

        await _cluster.PumpAsync(_node.Volume.SweepAsync());

        hadEnded.Should().BeFalse();
        (await closing!.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue();
    }

    [Test]
    public async Task What_was_being_opened_when_it_began_is_closed_again_and_refused()
    {
        Task<bool>? closing = null;
        _node.Shard.BeforeOperation = info =>
        {
            if (info is { Operation: ShardOperation.Open, Path: "f" })
                closing ??= _node.Volume.CloseAsync();
        };

        Func<Task> opening = () => _node.Volume.OpenFileAsync("f").AsTask();

        await opening.Should().ThrowAsync<ObjectDisposedException>();
        await closing!.WaitAsync(TimeSpan.FromSeconds(30));
        _node.Volume.Counters.Accesses.Should().Be(0);
    }
}
