using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class NodeRegistryTests
{
    private TestBed _bed = null!;
    private InMemoryNode _looker = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _looker = _bed.Cluster.AddNode("looker");
    }

    [Test]
    public void A_node_is_listed_with_what_it_is_and_does()
    {
        TestNode node = _bed.AddNode("reader", new SignalFileOptions { NodeName = "rack 7/a" }).Polled();
        NodeInfo info = List().Should().ContainSingle().Subject;
        info.Should().BeEquivalentTo(new
        {
            Id = node.Monitor.State.NodeId,
            Host = "rack 7/a",
            ProcessId = Environment.ProcessId,
            Mode = LockMode.Relaxed,
            Polls = 1L,
            IsAlive = true,
            HoldsQuiesce = true,
            IsMigrator = false,
        });
        info.LastWritten.Should().Be(node.Shard.Clock.GetUtcNow());
    }

    [Test]
    public void A_strict_node_is_not_in_the_way()
    {
        TestNode node = _bed.AddNode("reader").Polled();
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(0, 1), LockKind.Exclusive);
        node.Polled();
        List().Should().ContainSingle().Which.Should().BeEquivalentTo(new { Mode = LockMode.Strict, HoldsQuiesce = false, IsAlive = true });
    }

    [Test]
    public void The_mark_is_there_before_quiesce_is_taken_and_after_it_is_given_back()
    {
        TestNode node = _bed.AddNode("reader");
        var seen = new List<(ShardOperation, bool)>();
        node.Shard.BeforeOperation = call =>
        {
            if (call.Path == ControlFolder.QuiescePath && call.Operation is ShardOperation.Lock or ShardOperation.Unlock)
                seen.Add((call.Operation, List().Single().HoldsQuiesce));
        };
        node.Polled();
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(0, 1), LockKind.Exclusive);
        node.Polled();
        seen.Should().Equal((ShardOperation.Lock, true), (ShardOperation.Unlock, true));
        List().Single().HoldsQuiesce.Should().BeFalse();
    }

    [Test]
    public void The_dead_are_removed_by_whoever_lists()
    {
        TestNode dead = _bed.AddNode("dead").Polled();
        TestNode alive = _bed.AddNode("alive").Polled();
        dead.Shard.Crash();
        List().Should().ContainSingle().Which.Id.Should().Be(alive.Monitor.State.NodeId);
        Names().Should().HaveCount(1);
    }

    [Test]
    public void The_dead_are_removed_by_a_new_node()
    {
        _bed.AddNode("dead").Polled().Shard.Crash();
        TestNode fresh = _bed.AddNode("fresh").Polled();
        Names().Should().Equal(fresh.Monitor.State.NodeId + ".json");
    }

    [Test]
    public void A_dead_node_that_may_not_be_removed_is_listed_as_dead()
    {
        _bed.AddNode("dead").Polled().Shard.Crash();
        _looker.Faults.On(ShardOperation.Delete).Fail(ShardError.AccessDenied);
        List().Should().ContainSingle().Which.Should().BeEquivalentTo(new { IsAlive = false, HoldsQuiesce = false });
    }

    [Test]
    public void A_read_only_node_can_list()
    {
        _bed.AddNode("reader").Polled();
        InMemoryNode readOnly = _bed.Cluster.AddNode("ro", new InMemoryNodeOptions { IsReadOnly = true });
        NodeRegistry.List(readOnly, _bed.Descriptor).Should().ContainSingle().Which.Should().BeEquivalentTo(new { IsAlive = true, HoldsQuiesce = true });
    }

    [Test]
    public void A_read_only_node_works_without_presence_and_says_so()
    {
        TestNode node = _bed.AddNode("ro", nodeOptions: new InMemoryNodeOptions { IsReadOnly = true }).Polled();
        node.IsRelaxed.Should().BeTrue();
        node.Monitor.State.NodeId.Should().BeNull();
        node.Monitor.State.PresenceError.Should().Contain("read-only");
        Names().Should().BeEmpty();
    }

    [Test]
    public void A_file_removed_by_hand_is_made_anew()
    {
        TestNode node = _bed.AddNode("reader").Polled();
        _looker.Delete($"{ControlFolder.NodesPath}/{Names().Single()}");
        for (int i = 0; i < 11; i++)
        {
            _bed.Advance(1);
            node.Polled();
        }
        List().Should().ContainSingle().Which.Should().BeEquivalentTo(new { HoldsQuiesce = true, Id = node.Monitor.State.NodeId });
    }

    [Test]
    public void While_nothing_changes_the_text_is_rewritten_every_ten_seconds()
    {
        TestNode node = _bed.AddNode("reader").Polled();
        int writes = 0;
        node.Shard.BeforeOperation = call => writes += call.Operation == ShardOperation.Write ? 1 : 0;
        for (int i = 0; i < 30; i++)
        {
            _bed.Advance(1);
            node.Polled();
        }
        writes.Should().Be(3);
        List().Single().Polls.Should().BeGreaterThan(20);
    }

    [Test]
    public void A_node_tells_why_it_is_in_its_mode_and_what_it_has_done()
    {
        TestNode node = _bed.AddNode("reader");
        NodeCounters first = new() { Hits = long.MaxValue / 2, Misses = 2, Looks = 3, Open = 4, Recalls = 5, RecalledBytes = 6, Recalling = 7, ReadThroughs = 8 };
        Func<NodeCounters> closed = () => first, open = () => new NodeCounters { Hits = 10, Open = 1 };
        node.Monitor.Work.Add(closed);
        node.Monitor.Work.Add(open);
        node.Monitor.Work.Remove(closed);
        node.Monitor.Work.Remove(closed);

        node.Polled();

        NodeInfo info = List().Single();
        info.Reason.Should().Be(ModeReason.SignalFree);
        info.Counters.Should().Be(first with { Hits = first.Hits + 10, Open = 1, Recalling = 0 }, "what a closed volume has counted stays");
        info.Handover.Should().BeNull();
    }

    [Test]
    public void A_longer_text_leaves_nothing_behind_under_a_shorter_one([Range(300, 600, 20)] int lengthOfName)
    {
        long count = long.MaxValue;
        TestNode node = _bed.AddNode("reader", new SignalFileOptions { NodeName = new string('n', lengthOfName) }).Polled();
        node.Monitor.Work.Add(() => new NodeCounters { Hits = count, Misses = count, Looks = count, Open = count, Recalls = count, RecalledBytes = count, ReadThroughs = count });
        RewriteText();
        count = 0;
        RewriteText();
        List().Single().Counters!.Value.Should().Be(new NodeCounters());

        void RewriteText()
        {
            for (int second = 0; second < 11; second++)
            {
                _bed.Advance(1);
                node.Polled();
            }
        }
    }

    [Test]
    public void A_file_of_an_older_version_is_read_as_before()
    {
        Put("""{ "format": 1, "role": "node", "host": "h", "processId": 7, "processName": "p", "mode": "relaxed", "polls": 9, "written": "2026-01-01T00:00:00Z" }""");
        List().Single().Should().BeEquivalentTo(new
        {
            Host = "h", ProcessId = 7, Mode = LockMode.Relaxed, Polls = 9L, Reason = (ModeReason?)null, Counters = (NodeCounters?)null, Handover = (HandoverProgress?)null,
        });
    }

    [TestCase("reason", "\"Nonsense\"")]
    [TestCase("reason", "\"3\"")]
    [TestCase("reason", "3")]
    [TestCase("counters", "7")]
    [TestCase("handover", "[]")]
    public void What_somebody_else_has_written_there_is_nothing(string name, string value)
    {
        Put($$"""{ "host": "h", "{{name}}": {{value}} }""");
        List().Single().Should().BeEquivalentTo(new { Host = "h", Reason = (ModeReason?)null, Counters = (NodeCounters?)null, Handover = (HandoverProgress?)null });
    }

    [Test]
    public void No_count_is_negative_or_not_a_number()
    {
        Put("""{ "host": "h", "counters": { "hits": -1, "misses": "x", "looks": 1e400, "open": 5 } }""");
        List().Single().Counters.Should().Be(new NodeCounters { Open = 5 });
    }

    [Test]
    public async Task A_node_that_leaves_removes_its_file()
    {
        TestNode node = _bed.AddNode("reader").Polled();
        await node.Monitor.DisposeAsync();
        Names().Should().BeEmpty();
        node.Shard.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public async Task A_migrator_is_listed_as_one()
    {
        await using Handover handover = await _bed.BeginAsync(_bed.Cluster.AddNode("migrator"), new HandoverOptions { Random = new Random(1), Files = 300 });
        List().Single().Handover.Should().Be(new HandoverProgress { Files = 300 });
        handover.CountDone(5000);
        handover.CountDone(1);
        for (int second = 0; second < 12; second++)
        {
            _bed.Advance(1);
            handover.MayRelease().Should().BeTrue();
        }
        List().Single().Handover.Should().Be(new HandoverProgress { Files = 300, Done = 2, Bytes = 5001 });
        List().Should().ContainSingle().Which.Should().BeEquivalentTo(new { IsMigrator = true, IsAlive = true, HoldsQuiesce = false });
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[1]")]
    [TestCase("""{ "processId": "x", "written": 3, "host": 4 }""")]
    public void A_damaged_file_of_a_living_node_is_listed_by_its_locks(string text)
    {
        Put(text);
        List().Should().ContainSingle().Which.Should().BeEquivalentTo(new { Id = "torn", IsAlive = true, Host = (string?)null });
    }

    [Test]
    public void Listing_without_permission_is_an_error_of_its_own()
    {
        _looker.Faults.On(ShardOperation.ReadDirectory).Fail(ShardError.AccessDenied);
        this.Invoking(test => test.List()).Should().Throw<HsmAccessDeniedException>();
    }

    /// <summary>A party that lives and whose file says this.</summary>
    private void Put(string text)
    {
        IShardFile file = _looker.Open($"{ControlFolder.NodesPath}/torn.json", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text), 0);
        file.TryLock(new LockRange(_bed.Descriptor.FileLockOffset, 1), LockKind.Exclusive);
    }

    private IReadOnlyList<NodeInfo> List() => NodeRegistry.List(_looker, _bed.Descriptor);

    private string[] Names() => [.. _looker.ReadDirectory(ControlFolder.NodesPath).Select(entry => entry.Name)];
}
