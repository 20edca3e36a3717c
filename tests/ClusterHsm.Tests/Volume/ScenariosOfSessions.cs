using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Migrators in processes of their own: two at once, one killed in the middle, and nodes that come while one is at work.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfSessions : NodeScenarioFixture
{
    private readonly string[] _names = [.. Enumerable.Range(0, 12).Select(i => $"f{i}")];
    private byte[][] _contents = null!;

    [SetUp]
    public void WriteFiles() => _contents = [.. _names.Select((name, i) => Shard.Write(name, 10_000 + i))];

    [Test]
    public async Task R10_two_migrators_at_once_on_overlapping_lists_copy_and_release_each_file_once()
    {
        NodeChild[] migrators = await StartNodesAsync(2, "outside");
        NodeChild reader = await StartNodeAsync();
        migrators[0].Send(["migrate", .. _names[..9]]);
        migrators[1].Send(["migrate", .. _names[3..]]);

        string[] sums = await Task.WhenAll(migrators.Select(migrator => migrator.AnswerAsync()));

        sums.Should().AllSatisfy(sum => sum.Should().EndWith("failed=0"));
        Shard.Objects().Should().HaveCount(12, "each file is copied once");
        await using HsmVolume volume = await Shard.OpenAsync();
        long released = sums.Sum(sum => NumberIn(sum, "released"));
        volume.EnumerateStatus("").Count(status => status.IsStub).Should().Be((int)released, "nobody releases what is a stub");
        foreach (string name in _names)
            await volume.MakeStubAsync(name); // what a busy machine or the other's lock has kept them from
        await AreRightAsync(reader);
    }

    /// <remarks>A local file system keeps its locks, so that only its own clock tells it of the pause.</remarks>
    [Test]
    public async Task R11_a_migrator_process_that_is_stopped_for_two_leases_in_its_session_begins_a_new_handover_before_it_releases_more()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        NodeChild migrator = await StartNodeAsync("outside");
        await migrator.AskAsync("archive", "f0", "f1");
        migrator.Send("release-in-steps", "f0", "f1");
        await migrator.EventAsync("step");

        migrator.Stop();
        await Task.Delay(volume.Descriptor.LeaseDuration * 2);
        migrator.Continue();
        migrator.Send("");

        string sum = await migrator.AnswerAsync();
        sum.Should().Contain("failed=0");
        NumberIn(sum, "handovers").Should().BeGreaterThanOrEqualTo(2);
        await volume.MakeStubsAsync(["f0", "f1"]); // if the busy machine has kept it from the second
        for (int i = 0; i < 2; i++)
            (await volume.ReadAllAsync(_names[i])).Should().Equal(_contents[i]);
    }

    [Test]
    public async Task R10_a_second_migrator_works_while_another_is_in_its_session()
    {
        NodeChild first = await HangInSessionAsync();
        await using HsmVolume second = await Shard.OpenAsync();

        foreach (string name in _names[6..])
            await second.MakeStubAsync(name);

        NodeRegistry.List(second.Shard, second.Descriptor).Should().Contain(party => party.IsMigrator && party.IsAlive && party.ProcessId == first.Id);
    }

    [Test]
    public async Task When_a_migrator_is_killed_in_mid_session_nodes_return_to_relaxed_by_themselves_files_are_right_and_a_second_run_finishes()
    {
        NodeChild node = await StartNodeAsync();
        await node.AskAsync("await", LockMode.Relaxed);
        NodeChild migrator = await HangInSessionAsync();
        await node.AskAsync("await", LockMode.Strict);

        await migrator.KillAsync();

        await node.AskAsync("await", LockMode.Relaxed);
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.EnumerateStatus("").Count(status => status.IsStub).Should().Be(3);
        await AreRightAsync(node);
        foreach (string name in _names)
            await volume.MakeStubAsync(name);
        await AreRightAsync(node);
    }

    [Test]
    public async Task A_node_that_starts_during_a_session_is_strict_reads_right_bytes_and_is_relaxed_when_it_is_over()
    {
        NodeChild migrator = await HangInSessionAsync();

        NodeChild node = await StartNodeAsync();

        (await node.AskAsync("mode")).Should().StartWith($"{LockMode.Strict}");
        foreach (int i in (int[])[0, 1, 2, 3, 11])
            (await node.AskAsync("read-all", _names[i])).Should().Be(NodeChild.Read(_contents[i]));
        (await node.AskAsync("mode")).Should().StartWith($"{LockMode.Strict}");
        await migrator.KillAsync();
        await node.AskAsync("await", LockMode.Relaxed);
        await AreRightAsync(node);
    }

    /// <summary>A migrator that has released three files and hangs in its session.</summary>
    private async Task<NodeChild> HangInSessionAsync()
    {
        NodeChild migrator = await StartNodeAsync("outside");
        await migrator.AskAsync(["archive", .. _names]);
        migrator.Send(["release-and-hang", 3, .. _names]);
        await migrator.EventAsync("hanging");
        return migrator;
    }

    private static long NumberIn(string sum, string name) =>
        long.Parse(sum.Split($"{name}=")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private async Task AreRightAsync(NodeChild reader)
    {
        for (int i = 0; i < _names.Length; i++)
            (await reader.AskAsync("read-all", _names[i])).Should().Be(NodeChild.Read(_contents[i]));
    }
}
