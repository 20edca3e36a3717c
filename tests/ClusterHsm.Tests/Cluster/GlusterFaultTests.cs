using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>A client that is cut off the network, and one whose daemon dies.</summary>
/// <remarks>
/// GlusterFS can lose a request at a cut: then the call never returns, and not even SIGKILL ends the process before the client's daemon
/// is dead. So only processes of their own are on the client that suffers, and each test ends that client's daemon.
/// </remarks>
[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[NonParallelizable] // how long a client that is cut off is waited for is what it tells
public sealed class GlusterFaultTests : NodeScenarioFixture
{
    private const string Client = "suffers";

    /// <summary>No poll for so long is no slow machine: the call will never return.</summary>
    private static readonly TimeSpan s_lost = TimeSpan.FromSeconds(30);

    private static readonly MigrationOptions s_byLeaseAlone = LocalShard.AtOnce with
    {
        Handover = new HandoverOptions { QuiesceTimeout = TimeSpan.FromSeconds(2), ProceedOnLeaseAlone = true },
    };

    private static readonly MigrationOptions s_byQuiesce = LocalShard.AtOnce with { Handover = new HandoverOptions { QuiesceTimeout = NodeChild.Patience } };

    private bool _isCut;
    private bool _isAlive;

    [OneTimeSetUp]
    public void MountClient() => GlusterVolume.Script("mount", Client, "--direct-io-mode=enable", "--attribute-timeout=0", "--entry-timeout=0");

    [SetUp]
    public void ClientIsWell() => (_isCut, _isAlive) = (false, true);

    /// <summary>Before the nodes are killed.</summary>
    [TearDown]
    public Task MountAnewAsync()
    {
        Heal();
        KillClient();
        return RemountAsync();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_node_that_is_cut_off_is_strict_within_its_lease_holds_up_no_migration_serves_nothing_old_and_recovers_when_the_network_heals(bool byLeaseAlone)
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync(GlusterVolume.PlaceOn(Client, Shard));
        await OpenRelaxedAsync(node, "file", "f");
        (await node.AskAsync("read", "file", 0, 100_000)).Should().Be(NodeChild.Read(bytes));

        Cut();

        await node.AskAsync("await", LockMode.Strict);
        // Without the lease it is the server that takes quiesce away, when it has not heard of the client for long enough.
        await migrator.MakeStubAsync("f", byLeaseAlone ? s_byLeaseAlone : s_byQuiesce);
        (await node.AskAsync("mode")).Should().StartWith($"{LockMode.Strict}");
        node.Send("read", "file", 0, 100_000);
        Heal();
        (await AnswerOrErrorAsync(node)).Should().BeOneOf(NodeChild.Read(bytes), null);
        if (await RecoversAsync(node))
            (await node.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
    }

    [Test]
    public async Task A_writer_that_is_cut_off_loses_no_write_that_was_said_to_be_done()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild writer = await StartNodeAsync(GlusterVolume.PlaceOn(Client, Shard));
        await writer.AskAsync("open", "file", "f", "rw");

        Cut();
        // Once the server has taken the writer's lock away.
        await UntilAsync(() => migrator.MigrateAsync(["f"], s_byLeaseAlone).GetAwaiter().GetResult().Released == 1);
        writer.Send("write", "file", 99_996, "kept");
        Heal();

        byte[] kept = [.. bytes[..99_996], .. "kept"u8];
        if (await AnswerOrErrorAsync(writer) is not null)
            (await migrator.ReadAllAsync("f")).Should().Equal(kept);
        else
            (await migrator.ReadAllAsync("f")).Should().Match<byte[]>(read => read.SequenceEqual(bytes) || read.SequenceEqual(kept));
    }

    [Test]
    public async Task When_a_migrator_is_cut_off_in_mid_session_nodes_return_to_relaxed_by_themselves_and_another_finishes()
    {
        string[] names = [.. Enumerable.Range(0, 6).Select(i => $"f{i}")];
        byte[][] contents = [.. names.Select((name, i) => Shard.Write(name, 10_000 + i))];
        NodeChild node = await StartNodeAsync();
        await node.AskAsync("await", LockMode.Relaxed);
        NodeChild migrator = await StartNodeAsync(GlusterVolume.PlaceOn(Client, Shard), "outside");
        await migrator.AskAsync(["archive", .. names]);
        migrator.Send(["release-and-hang", 3, .. names]);
        await migrator.EventAsync("hanging");
        await node.AskAsync("await", LockMode.Strict);

        Cut();

        await node.AskAsync("await", LockMode.Relaxed);
        await AreRightAsync();
        await using HsmVolume other = await Shard.OpenAsync();
        await other.MakeStubsAsync(names);
        await AreRightAsync();

        async Task AreRightAsync()
        {
            for (int i = 0; i < names.Length; i++)
                (await node.AskAsync("read-all", names[i])).Should().Be(NodeChild.Read(contents[i]));
        }
    }

    [Test]
    public async Task R9_on_a_file_system_gone_away_strict_with_the_reason_logged_once_and_a_volume_that_is_opened_on_the_new_mount_is_relaxed()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodePlace place = GlusterVolume.PlaceOn(Client, Shard);
        NodeChild node = await StartNodeAsync(place);
        await OpenRelaxedAsync(node, "file", "f");

        KillClient();

        await node.AskAsync("await", LockMode.Strict);
        long polls = await PollsAsync(node);
        while (await PollsAsync(node) < polls + 5)
            await Task.Delay(20);
        (await node.AskAsync("mode")).Should().Be($"{LockMode.Strict} {ModeReason.LockFailed}");
        await migrator.MakeStubAsync("f", s_byQuiesce);
        Func<Task> reading = () => node.AskAsync("read", "file", 0, 100_000);
        (await reading.Should().ThrowAsync<NodeChildException>()).Which.Message.Should()
            .StartWith("error ShardFailureException").And.Contain("f: ").And.Contain("open it again once the mount answers");

        await RemountAsync();
        polls = await PollsAsync(node);
        while (await PollsAsync(node) < polls + 2)
            await Task.Delay(20);
        (await node.AskAsync("mode")).Should().Be($"{LockMode.Strict} {ModeReason.LockFailed}", "what it has open is the mount that died");
        (await LoggedAsync(node)).Where(line => line.Contains($"({ModeReason.LockFailed})")).Should().ContainSingle()
            .Which.Should().Contain("Warning").And.Contain("open the volume again once it is mounted");

        NodeChild anew = await StartNodeAsync(place);
        await anew.AskAsync("await", LockMode.Relaxed);
        (await anew.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);

    /// <summary>The answer to what was asked; null if it is an error, or if the request was lost and the client had to be ended.</summary>
    private async Task<string?> AnswerOrErrorAsync(NodeChild node)
    {
        Task<string> answer = node.AnswerAsync();
        if (await Task.WhenAny(answer, Task.Delay(s_lost)) != answer)
        {
            await TestContext.Out.WriteLineAsync("GlusterFS lost the request; its client is ended.");
            KillClient();
        }
        try
        {
            return await answer;
        }
        catch (NodeChildException)
        {
            return null;
        }
    }

    /// <summary>Waits until a node is relaxed.</summary>
    /// <returns>False if it cannot be: the lock call that it is in never returns.</returns>
    private async Task<bool> RecoversAsync(NodeChild node)
    {
        TimeSpan patience = NodeChild.Patience;
        long polls = -1, began = TimeProvider.System.GetTimestamp(), last = began;
        while (!(await node.AskAsync("mode")).StartsWith($"{LockMode.Relaxed}", StringComparison.Ordinal))
        {
            if (await PollsAsync(node) is var now && now != polls)
                (polls, last) = (now, TimeProvider.System.GetTimestamp());
            if (!_isAlive || TimeProvider.System.GetElapsedTime(last) > s_lost)
            {
                await TestContext.Out.WriteLineAsync("GlusterFS lost a request of the monitor.");
                return false;
            }
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(patience, "the network is back and polls are answered: {0}", await node.AskAsync("mode"));
            await Task.Delay(50);
        }
        return true;
    }

    private static async Task<long> PollsAsync(NodeChild node) => long.Parse(await node.AskAsync("polls"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a node has logged until now.</summary>
    private static async Task<List<string>> LoggedAsync(NodeChild node)
    {
        await node.AskAsync("log", "so far");
        List<string> lines = [];
        while (await node.EventAsync("log") is var line && !line.EndsWith("so far", StringComparison.Ordinal))
            lines.Add(line);
        return lines;
    }

    /// <summary>Again if need be: a network that has just healed may not let a new client through yet.</summary>
    private async Task RemountAsync()
    {
        await UntilAsync(() =>
        {
            try
            {
                GlusterVolume.Script("remount", Client);
                return true;
            }
            catch (InvalidOperationException e) when (e.Message.Contains("not connected", StringComparison.Ordinal))
            {
                return false;
            }
        });
        _isAlive = true;
    }

    private void Cut()
    {
        GlusterVolume.Script("cut", Client);
        _isCut = true;
    }

    private void Heal()
    {
        if (_isCut)
            GlusterVolume.Script("heal", Client);
        _isCut = false;
    }

    private void KillClient()
    {
        if (_isAlive)
            GlusterVolume.Script("kill", Client);
        _isAlive = false;
    }
}
