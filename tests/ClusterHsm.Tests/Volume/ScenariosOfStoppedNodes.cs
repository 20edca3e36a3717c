using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Nodes that are real processes, stopped and killed by signals, and migrators that are.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfStoppedNodes : NodeScenarioFixture
{
    private static readonly MigrationOptions s_byLeaseAlone = LocalShard.AtOnce with
    {
        Handover = new HandoverOptions { QuiesceTimeout = LocalShard.Lease * 3, ProceedOnLeaseAlone = true },
    };

    private static readonly MigrationOptions s_impatient = LocalShard.AtOnce with
    {
        Handover = new HandoverOptions { QuiesceTimeout = LocalShard.Lease },
    };

    /// <remarks>
    /// The node polls only when it is told to, and no alarm tells it of the end of its lease, so that nothing but its own look at the
    /// clock is between the reader and the hole.
    /// </remarks>
    [Test]
    public async Task R1_a_node_stopped_for_three_leases_while_a_file_is_released_serves_nothing_from_its_old_cache_when_it_goes_on(
        [Values] bool opensAnew)
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartRelaxedReaderAsync("f", bytes, "stepped");

        node.Stop();
        await migrator.MakeStubAsync("f", s_byLeaseAlone);
        if (opensAnew)
            node.Send("read-all", "f"); // the inode is in its cache
        else
            node.Send("read", "file", 0, 100_000);
        node.Continue();

        (await node.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
        (await node.AskAsync("recalled-bytes")).Should().Be("100000");
    }

    [Test]
    public async Task R2_nor_if_it_polls_before_it_reads_and_finds_the_signal_free_again()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartRelaxedReaderAsync("f", bytes, "stepped");

        node.Stop();
        await migrator.MakeStubAsync("f", s_byLeaseAlone);
        node.Send("poll");
        node.Send("read", "file", 0, 100_000);
        node.Send("read-all", "f");
        node.Continue();

        (await node.AnswerAsync()).Should().Be($"{LockMode.Relaxed} {ModeReason.SignalFree}");
        (await node.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
        (await node.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
    }

    [Test]
    public async Task R1_a_node_that_polls_by_itself_is_strict_or_cold_after_a_stop_and_relaxed_again_by_itself()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartRelaxedReaderAsync("f", bytes);

        node.Stop();
        await migrator.MakeStubAsync("f", s_byLeaseAlone);
        node.Send("read", "file", 0, 100_000);
        node.Continue();

        (await node.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
        await node.AskAsync("await", LockMode.Relaxed);
    }

    [Test]
    public async Task R4_a_hung_node_that_holds_quiesce_is_named_and_nothing_is_released()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        NodeChild node = await StartRelaxedReaderAsync("f", bytes);
        node.Stop();

        Func<Task> migrating = () => migrator.MigrateAsync(["f"], s_impatient);

        (await migrating.Should().ThrowAsync<HandoverTimeoutException>()).Which.Message.Should().Contain($"process {node.Id} ");
        migrator.GetStatus("f").IsStub.Should().BeFalse();
        node.Continue();
        await migrator.MakeStubAsync("f"); // it leaves when it is asked again
        (await node.AskAsync("read", "file", 0, 1000)).Should().Be(NodeChild.Read(bytes));
    }

    [Test]
    public async Task R4_a_hung_node_holds_nobody_up_who_asked_to_go_on_by_the_lease_alone()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        NodeChild node = await StartRelaxedReaderAsync("f", bytes);
        node.Stop();

        await migrator.MakeStubAsync("f", s_byLeaseAlone);

        node.Continue();
        (await node.AskAsync("read", "file", 0, 1000)).Should().Be(NodeChild.Read(bytes));
    }

    [Test]
    public async Task A_node_that_is_killed_while_it_holds_quiesce_does_not_block_the_next_migration()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        NodeChild node = await StartRelaxedReaderAsync("f", bytes, "stepped");
        NodeRegistry.List(migrator.Shard, migrator.Descriptor).Should().Contain(known => known.HoldsQuiesce && known.ProcessId == node.Id);

        await node.KillAsync();

        await migrator.MakeStubAsync("f", s_impatient);
    }

    [Test]
    public async Task R7_a_writer_in_another_process_is_never_lost()
    {
        Shard.Write("f", 5000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild writer = await StartNodeAsync();
        await writer.AskAsync("open", "file", "f", "rw");

        (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        await writer.AskAsync("write", "file", 4998, "kept");
        await writer.KillAsync();

        (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        await migrator.MakeStubAsync("f"); // it is archived anew
        (await migrator.ReadAllAsync("f"))[4998..].Should().Equal("kept"u8.ToArray());
    }

    /// <summary>A node that has a file open in relaxed mode and has read it.</summary>
    private async Task<NodeChild> StartRelaxedReaderAsync(string name, byte[] bytes, params string[] options)
    {
        NodeChild node = await StartNodeAsync(options);
        await OpenRelaxedAsync(node, "file", name, isStepped: options.Contains("stepped"));
        (await node.AskAsync("read", "file", 0, bytes.Length)).Should().Be(NodeChild.Read(bytes));
        return node;
    }
}
