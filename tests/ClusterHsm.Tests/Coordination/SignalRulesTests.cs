using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class SignalRulesTests
{
    private TestBed _bed = null!;
    private TestNode _node = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _node = _bed.AddNode("reader");
    }

    [Test]
    public void A_node_is_strict_until_the_first_poll_and_relaxed_after_it_if_the_signal_is_free()
    {
        _node.IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.Starting);
        _node.Monitor.FirstPoll.IsCompleted.Should().BeFalse();
        _node.Polled().IsRelaxed.Should().BeTrue();
        _node.Reason.Should().Be(ModeReason.SignalFree);
        _node.Monitor.FirstPoll.IsCompleted.Should().BeTrue();
    }

    [TestCase(SignalRequest.LockAndUnlock)]
    [TestCase(SignalRequest.Query)]
    public void Signal_held_strict_and_cache_empty_free_again_relaxed_and_cache_cold(SignalRequest request)
    {
        _node = _bed.AddNode("asker", new SignalFileOptions { Request = request }).Polled();
        long epoch = _node.Cache.Epoch;
        _node.Cache.TryAdd(42, epoch).Should().BeTrue();
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(4095, 1), LockKind.Exclusive);

        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.SignalHeld);
        _node.Cache.Contains(42, _node.Cache.Epoch).Should().BeFalse();

        signal.Unlock(new LockRange(4095, 1));
        _node.Polled().IsRelaxed.Should().BeTrue();
        _node.Cache.Contains(42, _node.Cache.Epoch).Should().BeFalse();
    }

    [TestCase(SignalRequest.LockAndUnlock)]
    [TestCase(SignalRequest.Query)]
    public void Between_polls_the_signal_is_free_for_a_migrator(SignalRequest request)
    {
        _bed.AddNode("asker", new SignalFileOptions { Request = request }).Polled();
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(0, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public void R1_the_time_that_a_request_takes_is_off_the_lease()
    {
        _node.Shard.Faults.OnLock(ControlFolder.SignalPath).Once().Delay(() => _bed.Advance(1));
        _node.Polled().Monitor.State.LeaseRemaining.Should().Be(TimeSpan.FromSeconds(2));
        _bed.Advance(2);
        _node.IsRelaxed.Should().BeFalse();
    }

    [Test]
    public void R1_a_node_that_does_not_poll_is_strict_by_its_own_clock()
    {
        _node.Polled();
        long epoch = _node.Cache.Epoch;
        _bed.Advance(2.999);
        _node.Monitor.IsRelaxed(epoch).Should().BeTrue();
        _bed.Advance(0.001);
        _node.Monitor.IsRelaxed(epoch).Should().BeFalse();
        _node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.LeaseRanOut, LeaseRemaining = TimeSpan.Zero });
    }

    [Test]
    public void R1_a_poll_that_takes_longer_than_the_lease_gives_none_and_keeps_no_quiesce()
    {
        _node.Shard.Faults.OnLock(ControlFolder.QuiescePath).Once().Delay(() => _bed.Advance(3));
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.LeaseRanOut);
        _node.HoldsQuiesce.Should().BeFalse();
        _node.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public void R2_a_node_that_slept_through_a_migration_clears_its_cache_before_it_is_relaxed_again()
    {
        _node.Polled();
        long epoch = _node.Cache.Epoch;
        _node.Cache.TryAdd(42, epoch);
        _bed.Advance(10);
        _node.Polled().IsRelaxed.Should().BeTrue();
        _node.Monitor.IsRelaxed(epoch).Should().BeFalse();
        _node.Cache.Contains(42, _node.Cache.Epoch).Should().BeFalse();
    }

    [Test]
    public void R2_a_node_that_fell_asleep_inside_a_poll_clears_its_cache_too()
    {
        _node.Polled();
        long epoch = _node.Cache.Epoch;
        _bed.Advance(2);
        _node.Shard.Faults.OnLock(ControlFolder.SignalPath).Once().Delay(() => _bed.Advance(1.5));
        _node.Polled().IsRelaxed.Should().BeTrue();
        _node.Monitor.IsRelaxed(epoch).Should().BeFalse();
    }

    [Test]
    public void R2_a_node_that_polls_in_time_keeps_its_cache()
    {
        _node.Polled();
        long epoch = _node.Cache.Epoch;
        for (int i = 0; i < 20; i++)
        {
            _bed.Advance(1);
            _node.Polled().Monitor.IsRelaxed(epoch).Should().BeTrue();
        }
    }

    [Test]
    public void R3_a_relaxed_node_holds_quiesce_and_a_strict_one_does_not()
    {
        _node.HoldsQuiesce.Should().BeFalse();
        _node.Polled().HoldsQuiesce.Should().BeTrue();
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(9, 1), LockKind.Exclusive);
        _node.Polled().HoldsQuiesce.Should().BeFalse();
    }

    [Test]
    public void R3_quiesce_is_given_back_only_after_relaxed_mode_and_the_epoch_have_ended()
    {
        _node.Polled();
        long epoch = _node.Cache.Epoch;
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(9, 1), LockKind.Exclusive);
        var atUnlock = new List<(bool OldEpoch, bool NewEpoch, long Epoch)>();
        _node.Shard.BeforeOperation = operation =>
        {
            if (operation.Operation == ShardOperation.Unlock && operation.Path == ControlFolder.QuiescePath)
                atUnlock.Add((_node.Monitor.IsRelaxed(epoch), _node.IsRelaxed, _node.Cache.Epoch));
        };
        _node.Polled();
        atUnlock.Should().Equal((false, false, epoch + 1));
    }

    [Test]
    public void R3_no_quiesce_no_relaxed_mode()
    {
        using IShardFile quiesce = _bed.OpenControlFile(ControlFolder.QuiescePath);
        quiesce.TryLock(new LockRange(17, 1), LockKind.Exclusive);
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.QuiesceHeld);
    }

    [Test]
    public void R3_a_quiesce_lock_that_was_lost_and_taken_by_another_is_noticed_within_a_lease()
    {
        _node.Polled();
        _node.Shard.LoseLocks();
        using IShardFile quiesce = _bed.OpenControlFile(ControlFolder.QuiescePath);
        quiesce.TryLock(new LockRange(17, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
        for (int i = 0; i < 3; i++)
        {
            _bed.Advance(1);
            _node.Polled();
        }
        _node.IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.QuiesceLost);
    }

    [Test]
    public void R3_a_quiesce_lock_that_was_lost_is_taken_again_within_a_lease()
    {
        _node.Polled();
        _node.Shard.LoseLocks();
        for (int i = 0; i < 3; i++)
        {
            _bed.Advance(1);
            _node.Polled();
        }
        _node.HoldsQuiesce.Should().BeTrue();
    }

    [Test]
    public void R10_a_migrator_in_any_slot_is_seen([Values(0, 1, 2048, 4095)] int slot)
    {
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(slot, 1), LockKind.Exclusive);
        _node.Polled().Reason.Should().Be(ModeReason.SignalHeld);
    }

    [Test]
    public void A_node_that_starts_during_a_session_is_strict_from_the_beginning()
    {
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(1, 1), LockKind.Exclusive);
        TestNode late = _bed.AddNode("late").Polled();
        late.IsRelaxed.Should().BeFalse();
        late.HoldsQuiesce.Should().BeFalse();
    }

    [Test]
    public void A_killed_migrator_sets_the_nodes_free()
    {
        InMemoryNode migrator = _bed.Cluster.AddNode("migrator");
        migrator.Open(ControlFolder.SignalPath, ShardOpenOptions.ReadWrite).TryLock(new LockRange(1, 1), LockKind.Exclusive);
        _node.Polled().IsRelaxed.Should().BeFalse();
        migrator.Crash();
        _node.Polled().IsRelaxed.Should().BeTrue();
    }
}
