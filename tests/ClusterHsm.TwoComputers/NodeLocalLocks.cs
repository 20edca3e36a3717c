using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>A file system whose byte-range locks stay on one computer (OCFS2 with o2cb): the library sees it and does no harm.</summary>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class NodeLocalLocks : NodeScenarioFixture
{
    [Test]
    public void The_file_system_is_known_to_keep_its_locks_on_one_computer()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(Shard.Root);

        shard.Capabilities.LockReach.Should().Be(LockReach.NodeLocal);
        shard.Capabilities.LockFault.Should().Contain("o2cb");
    }

    [Test]
    public async Task Which_is_so_the_lock_of_a_writer_there_is_not_seen_here()
    {
        Shard.Write("f", 1000);
        await using HsmVolume here = await Shard.OpenAsync();
        NodeChild there = await StartNodeAsync();
        await there.AskAsync("open", "file", "f", "rw");
        using IShardFile file = here.Shard.Open("f", ShardOpenOptions.ReadWrite);

        file.TryLock(new LockRange(here.Descriptor.FileLockOffset, 2), LockKind.Exclusive).IsGranted.Should().BeTrue("that is why nothing may be released here");
    }

    [Test]
    public async Task Nodes_on_both_computers_stay_strict_and_say_why()
    {
        NodeChild there = await StartNodeAsync("stepped");
        await using HsmVolume here = await Shard.OpenAsync(new HsmVolumeOptions());

        for (int i = 0; i < 3; i++)
            (await there.AskAsync("poll")).Should().Be($"{LockMode.Strict} {ModeReason.LocksNotShared}");
        (await there.EventAsync("log")).Should().Contain("o2cb");
        here.Monitor!.Poll();
        here.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.LocksNotShared });
    }

    [Test]
    public async Task No_file_is_released_and_the_error_says_why()
    {
        byte[] bytes = Shard.Write("f", 10_000);
        await using HsmVolume here = await Shard.OpenAsync();
        NodeChild there = await StartNodeAsync();

        Func<Task> migrating = async () => await here.MigrateAsync(["f"], LocalShard.AtOnce);

        await migrating.Should().ThrowAsync<ShardNotSupportedException>().WithMessage("*ocfs2*o2cb*no migration is safe*");
        await there.Awaiting(node => node.AskAsync("migrate", "f")).Should().ThrowAsync<NodeChildException>().WithMessage("*o2cb*");
        here.GetStatus("f").State.Should().NotBe(FileState.Released);
        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
    }

    [Test]
    public async Task What_one_computer_writes_the_other_reads()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        NodeChild there = await StartNodeAsync();
        await using HsmVolume here = await Shard.OpenAsync(new HsmVolumeOptions());
        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));

        await using (HsmFile file = await here.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite }))
            file.Write("new"u8.ToArray(), 0);
        "new"u8.CopyTo(bytes);

        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
