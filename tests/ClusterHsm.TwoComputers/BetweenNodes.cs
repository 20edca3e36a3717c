using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>What one computer must see of the other, on a file system whose locks are seen by both.</summary>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class BetweenNodes : NodeScenarioFixture
{
    [Test]
    public void The_file_system_is_known_to_share_its_locks()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(Shard.Root);

        shard.Capabilities.Should().BeEquivalentTo(new { LockReach = LockReach.Shared, CanStoreRecords = true, CanPunchHoles = true });
    }

    [Test]
    public async Task A_stub_made_here_is_seen_there_and_recalled_there_and_what_was_recalled_is_seen_here()
    {
        byte[] bytes = Shard.Write("f", 300_000);
        await using HsmVolume here = await Shard.OpenAsync();
        NodeChild there = await StartNodeAsync();
        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));

        await here.MakeStubAsync("f");

        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
        here.GetStatus("f").State.Should().Be(FileState.Archived);
        (await here.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_reader_there_reads_nothing_else_while_the_file_is_released_and_recalled_here()
    {
        const int reads = 10;
        byte[] bytes = Shard.Write("f", 200_000);
        await using HsmVolume here = await Shard.OpenAsync();
        NodeChild there = await StartNodeAsync();

        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < reads; i++)
                there.Send("read-all", "f");
            await here.MigrateAsync(["f"], LocalShard.AtOnce);
            for (int i = 0; i < reads; i++)
                (await there.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
            // Skipped if the reader held its lock at that moment; now it does not.
            if (!here.GetStatus("f").IsStub)
                await here.MakeStubAsync("f");
            await here.RecallAsync(["f"], LocalShard.AtOnce);
        }
    }

    [Test]
    public async Task What_one_computer_writes_through_the_library_the_other_reads()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume here = await Shard.OpenAsync();
        NodeChild there = await StartNodeAsync();
        await there.AskAsync("open", "reader", "f");
        (await there.AskAsync("read", "reader", 0, bytes.Length)).Should().Be(NodeChild.Read(bytes));

        for (int round = 0; round < 5; round++)
        {
            await using (HsmFile file = await here.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite }))
            {
                bytes[round * 1000]++;
                file.Write(bytes.AsSpan(round * 1000, 1), round * 1000);
            }
            (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
        }
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
