using ClusterHsm.Coordination;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>A file system on which nodes stay strict, and files are migrated all the same (NFS).</summary>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StrictNodes : NodeScenarioFixture
{
    [Test]
    public async Task Nodes_on_both_computers_stay_strict_and_say_why()
    {
        NodeChild there = await StartNodeAsync("stepped");
        await using HsmVolume here = await Shard.OpenAsync(new HsmVolumeOptions());

        for (int i = 0; i < 3; i++)
            (await there.AskAsync("poll")).Should().Be($"{LockMode.Strict} {ModeReason.RecordsSeenLate}");
        here.Monitor!.Poll();
        here.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.RecordsSeenLate });
    }

    [Test]
    public async Task A_file_that_a_stopped_node_has_open_is_not_released_and_read_right_when_it_goes_on()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume here = await Shard.OpenAsync();
        await here.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild there = await StartNodeAsync();
        await there.AskAsync("open", "file", "f");
        (await there.AskAsync("read", "file", 0, bytes.Length)).Should().Be(NodeChild.Read(bytes));

        there.Stop();
        (await here.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        there.Send("read", "file", 0, bytes.Length);
        there.Continue();

        (await there.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
        await there.AskAsync("close", "file");
        await here.MakeStubAsync("f");
        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
        (await there.AskAsync("recalled-bytes")).Should().Be($"{bytes.Length}");
    }

    [Test]
    public async Task A_writer_there_is_never_lost_and_killed_it_stands_in_nobody_s_way()
    {
        Shard.Write("f", 5000);
        await using HsmVolume here = await Shard.OpenAsync();
        await here.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild there = await StartNodeAsync();
        await there.AskAsync("open", "file", "f", "rw");

        (await here.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        await there.AskAsync("write", "file", 4998, "kept");
        await there.KillAsync();

        // Its lock may end a moment after it.
        await UntilAsync(() => here.MigrateAsync(["f"], LocalShard.AtOnce).GetAwaiter().GetResult().Released == 1);
        (await here.ReadAllAsync("f"))[4998..].Should().Equal("kept"u8.ToArray());
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
