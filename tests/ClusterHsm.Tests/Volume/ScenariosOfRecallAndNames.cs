using ClusterHsm.Coordination;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A file gets another name, a second one or none while its data comes back: a recall is of the inode, not of the name.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRecallAndNames : NodeScenarioFixture
{
    [Test]
    public async Task Renamed_during_a_recall()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store, from: 1);
        Task<byte[]> reading = node.Volume.ReadAllAsync("f");
        await gate.Reached;

        File.Move(Shard.PathOf("f"), Shard.PathOf("g"));
        byte[] other = Shard.Write("f", 100);
        gate.Open();

        (await reading).Should().Equal(bytes);
        node.Volume.GetStatus("g").State.Should().Be(FileState.Archived);
        (await node.Volume.ReadAllAsync("g")).Should().Equal(bytes);
        (await node.Volume.ReadAllAsync("f")).Should().Equal(other);
        node.Store.Opens.Should().Be(1);
    }

    [Test]
    public virtual async Task Deleted_during_a_recall()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store, from: 1);
        Task<byte[]> reading = node.Volume.ReadAllAsync("f");
        await gate.Reached;

        File.Delete(Shard.PathOf("f"));
        gate.Open();

        (await reading).Should().Equal(bytes, "it was opened while it had a name");
        Func<Task> again = () => node.Volume.ReadAllAsync("f");
        await again.Should().ThrowAsync<HsmFileNotFoundException>();
        Shard.Objects().Should().ContainSingle("only a sweep deletes objects");
    }

    [Test]
    public async Task Given_a_second_name_during_a_recall()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store, from: 1);
        Task<byte[]> reading = node.Volume.ReadAllAsync("f");
        await gate.Reached;

        Syscall.link(Shard.PathOf("f"), Shard.PathOf("g")).Should().Be(0);
        Task<byte[]> readingTheOther = node.Volume.ReadAllAsync("g");
        gate.Open();

        (await reading).Should().Equal(bytes);
        (await readingTheOther).Should().Equal(bytes);
        node.Store.Opens.Should().Be(1, "both names are one file");
        (node.Volume.GetStatus("f").State, node.Volume.GetStatus("g").State).Should().Be((FileState.Archived, FileState.Archived));
    }

    [TestCase(true)]
    [TestCase(false)]
    public virtual async Task A_handle_recalls_its_file_though_it_was_renamed_or_deleted_after_it_was_opened(bool isRenamed)
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using ComposedNode node = Compose();
        await node.Monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(NodeChild.Patience);
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        await migrator.MakeStubAsync("f");
        if (isRenamed)
            File.Move(Shard.PathOf("f"), Shard.PathOf("g"));
        else
            File.Delete(Shard.PathOf("f"));
        Shard.Write("f", 10);

        byte[] seen = new byte[60_000];
        (await file.ReadAsync(seen, 0)).Should().Be(50_000);

        seen.AsSpan(0, 50_000).SequenceEqual(bytes).Should().BeTrue();
        if (isRenamed)
            migrator.GetStatus("g").State.Should().Be(FileState.Archived);
    }
}
