using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Testing;

[TestFixture]
public sealed class NodeFaultTests
{
    private const ShardOpenOptions Make = ShardOpenOptions.ReadWrite | ShardOpenOptions.Create;

    private static readonly LockRange Byte = new(1L << 62, 1);

    private InMemoryCluster _cluster = null!;
    private InMemoryNode _node = null!;
    private InMemoryNode _other = null!;

    [SetUp]
    public void MakeCluster()
    {
        _cluster = new InMemoryCluster();
        _node = _cluster.AddNode("one");
        _other = _cluster.AddNode("two");
    }

    [TearDown]
    public void Leave()
    {
        _node.Dispose();
        _other.Dispose();
    }

    [Test]
    public void A_fault_strikes_its_operation_on_its_path_as_often_as_ordered()
    {
        using IShardFile file = _node.Open("a", Make), second = _node.Open("b", Make);
        Fault fault = _node.Faults.On(ShardOperation.Write, "a").After(1).Times(2).Fail(ShardError.NoSpace);
        second.Write([1], 0);
        file.Write([1], 0);
        ErrorOf(() => file.Write([2], 0)).Should().Be(ShardError.NoSpace);
        ErrorOf(() => file.Write([3], 0)).Should().Be(ShardError.NoSpace);
        file.Write([4], 0);
        fault.Hits.Should().Be(2);
        fault.IsSpent.Should().BeTrue();
    }

    [Test]
    public void A_fault_that_fails_a_call_leaves_everything_as_it_was()
    {
        using IShardFile file = _node.Open("a", Make);
        file.Write([1], 0);
        _node.Faults.On(ShardOperation.Write).Fail(ShardError.DeadHandle);
        ErrorOf(() => file.Write([2], 0)).Should().Be(ShardError.DeadHandle);
        Read("a").Should().Equal(1);
        _node.Faults.Clear();
        file.Write([3], 0);
    }

    [Test]
    public void A_fault_of_one_node_is_none_of_another()
    {
        _node.Faults.On(ShardOperation.Open).Fail(ShardError.AccessDenied);
        using IShardFile file = _other.Open("a", Make);
        ErrorOf(() => _node.Open("a", ShardOpenOptions.Read)).Should().Be(ShardError.AccessDenied);
    }

    [Test]
    public void Locks_are_denied_or_fail_on_order_and_their_callers_get_an_answer()
    {
        using IShardFile file = _node.Open("a", Make);
        _node.Faults.OnLock("a", LockKind.Shared).Once().Deny();
        _node.Faults.OnLock("a", LockKind.Exclusive).Once().Fail(ShardError.Temporary);
        file.TryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        LockResult failed = file.TryLock(Byte, LockKind.Exclusive);
        (failed.Status, failed.Error).Should().Be((LockStatus.Failed, ShardError.Temporary));
        file.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public void A_fault_can_be_of_one_byte()
    {
        using IShardFile file = _node.Open("a", Make);
        _node.Faults.OnLock(offset: 7).Deny();
        file.QueryLock(new LockRange(0, 7), LockKind.Shared).IsGranted.Should().BeTrue();
        file.QueryLock(new LockRange(0, 8), LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void A_lost_lock_was_granted_and_is_not_held()
    {
        using IShardFile mine = _node.Open("a", Make), theirs = _other.Open("a", Make);
        _node.Faults.OnLock().Once().Lose();
        mine.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
        _node.HeldLocks.Should().BeEmpty();
        theirs.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public void All_locks_of_a_node_can_be_lost_without_a_word()
    {
        using IShardFile mine = _node.Open("a", Make), theirs = _other.Open("a", Make);
        mine.TryLock(Byte, LockKind.Exclusive);
        _node.HeldLocks.Should().Equal(new HeldLock("a", Byte, LockKind.Exclusive));
        _node.LoseLocks();
        theirs.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
        mine.Write([1], 0);
        mine.TryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void A_slow_call_lets_others_act_before_it_is_made()
    {
        using IShardFile mine = _node.Open("a", Make), theirs = _other.Open("a", Make);
        _node.Faults.OnLock().Once().Delay(() =>
        {
            theirs.TryLock(Byte, LockKind.Exclusive);
            _cluster.Advance(TimeSpan.FromSeconds(5));
        });
        mine.TryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _node.Clock.Elapsed.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Test]
    public void Before_each_call_another_actor_can_act()
    {
        using IShardFile file = _node.Open("a", Make);
        var seen = new List<string>();
        _node.BeforeOperation = info =>
        {
            seen.Add($"{info.Operation} {info.Path} {info.Offset}+{info.Length}");
            using IShardFile inner = _node.Open("a", ShardOpenOptions.Write);
            inner.Write([9], 1);
        };
        byte[] buffer = new byte[4];
        file.Read(buffer, 0).Should().Be(2, "the hook wrote before the read was made");
        seen.Should().Equal("Read a 0+4");
    }

    [Test]
    public void A_node_that_crashed_holds_nothing_and_can_do_nothing()
    {
        IShardFile mine = _node.Open("a", Make);
        using IShardFile theirs = _other.Open("a", Make);
        mine.TryLock(Byte, LockKind.Exclusive);
        _node.Crash();
        _node.Crash();
        theirs.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
        ErrorOf(() => mine.Write([1], 0)).Should().Be(ShardError.DeadHandle);
        ErrorOf(() => _node.GetInfo("a")).Should().Be(ShardError.DeadHandle);
        LockResult dead = mine.TryLock(Byte, LockKind.Shared);
        (dead.Status, dead.Error).Should().Be((LockStatus.Failed, ShardError.DeadHandle));
        _node.OpenFileCount.Should().Be(0);
        _node.IsCrashed.Should().BeTrue();
        mine.Dispose();
        _cluster.AddNode("one again").GetInfo("a").Should().NotBeNull();
    }

    [Test]
    public void Every_point_at_which_a_procedure_can_crash_can_be_visited()
    {
        RunProcedure(_node);
        int steps = (int)_node.MutationCount;
        steps.Should().Be(5, "open with create, two writes, flush, rename");
        var sizes = new List<(long? Temporary, long? Final)>();
        for (int step = 1; step <= steps; step++)
        {
            foreach (bool after in new[] { false, true })
            {
                var cluster = new InMemoryCluster();
                InMemoryNode node = cluster.AddNode("crashing");
                _ = after ? node.Faults.CrashAfterMutation(step) : node.Faults.CrashBeforeMutation(step);
                NodeCrashedException crash = FluentActions.Invoking(() => RunProcedure(node)).Should().Throw<NodeCrashedException>().Which;
                crash.WasDone.Should().Be(after);
                crash.Node.Should().Be("crashing");
                InMemoryNode witness = cluster.AddNode("witness");
                sizes.Add((witness.GetInfo("temporary")?.Size, witness.GetInfo("final")?.Size));
            }
        }
        sizes.Should().Equal(
            (null, null), (0, null), (0, null), (1, null), (1, null), (2, null), (2, null), (2, null), (2, null), (null, 2));
    }

    [Test]
    public void A_crash_can_be_ordered_for_any_call()
    {
        _node.Faults.On(ShardOperation.GetInfo, "a").CrashAfter();
        _node.Invoking(n => n.GetInfo("b")).Should().NotThrow();
        _node.Invoking(n => n.GetInfo("a")).Should().Throw<NodeCrashedException>();
        _node.IsCrashed.Should().BeTrue();
    }

    private static void RunProcedure(InMemoryNode node)
    {
        using (IShardFile file = node.Open("temporary", ShardOpenOptions.Write | ShardOpenOptions.Create))
        {
            file.Write([1], 0);
            file.GetInfo();
            file.Write([2], 1);
            file.Flush();
        }
        node.Rename("temporary", "final");
    }

    private byte[] Read(string path)
    {
        using IShardFile file = _other.Open(path, ShardOpenOptions.Read);
        byte[] buffer = new byte[100];
        return buffer[..file.Read(buffer, 0)];
    }

    private static ShardError ErrorOf(Action action) => action.Should().Throw<ShardIOException>().Which.Error;
}
