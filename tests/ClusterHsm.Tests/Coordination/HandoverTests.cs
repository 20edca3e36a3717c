using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class HandoverTests
{
    private TestBed _bed = null!;
    private InMemoryNode _migrator = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _migrator = _bed.Cluster.AddNode("migrator");
    }

    [Test]
    public async Task R4_a_handover_waits_for_lease_and_margin_even_if_no_node_is_there()
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        handover.WaitTime.Should().BeGreaterThanOrEqualTo(_bed.HandoverTime).And.BeLessThan(_bed.HandoverTime * 1.1);
        handover.MayRelease().Should().BeTrue();
        handover.ProceededOnLeaseAlone.Should().BeFalse();
    }

    [Test]
    public async Task R4_the_wait_counts_from_a_reading_after_the_signal_was_granted()
    {
        _migrator.Faults.OnLock(ControlFolder.SignalPath, LockKind.Exclusive).Once().Delay(() => _bed.Advance(1));
        await using Handover handover = await _bed.BeginAsync(_migrator);
        handover.WaitTime.Should().BeGreaterThanOrEqualTo(_bed.HandoverTime + TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task R4_a_handover_waits_for_a_node_that_holds_quiesce_however_long_its_lease_is_over()
    {
        TestNode node = _bed.AddNode("slow").Polled();
        double polledAt = 6;
        await using Handover handover = await _bed.BeginAsync(_migrator, eachStep: () =>
        {
            if (_bed.Cluster.Clock.Elapsed.TotalSeconds >= polledAt && node.HoldsQuiesce)
                node.Polled();
        });
        handover.WaitTime.Should().BeGreaterThan(TimeSpan.FromSeconds(5.9));
        node.HoldsQuiesce.Should().BeFalse();
        handover.MayRelease().Should().BeTrue();
    }

    [Test]
    public async Task R4_a_node_that_lost_its_quiesce_lock_is_waited_for_by_the_lease()
    {
        TestNode node = _bed.AddNode("unlucky").Polled();
        node.Shard.LoseLocks();
        await using Handover handover = await _bed.BeginAsync(_migrator);
        node.IsRelaxed.Should().BeFalse("its lease began before the signal was taken and is over");
    }

    [Test]
    public async Task R4_nodes_that_do_not_leave_are_named_and_the_signal_is_given_back()
    {
        TestNode hung = _bed.AddNode("hung", new SignalFileOptions { NodeName = "rack7" }).Polled();
        Func<Task> begin = () => _bed.BeginAsync(_migrator, new HandoverOptions { QuiesceTimeout = TimeSpan.FromSeconds(5) });
        (await begin.Should().ThrowAsync<HandoverTimeoutException>()).Which.Message
            .Should().Contain("rack7").And.Contain(hung.Monitor.State.NodeId!).And.Contain("5 s").And.Contain(Environment.ProcessId.ToString());
        _migrator.HeldLocks.Should().BeEmpty();
        _migrator.OpenFileCount.Should().Be(0);
        hung.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public async Task R4_a_node_without_presence_is_in_the_way_without_a_name()
    {
        TestNode node = _bed.AddNode("shy");
        node.Shard.Faults.On(ShardOperation.ReadDirectory).Fail(ShardError.AccessDenied);
        node.Polled().IsRelaxed.Should().BeTrue();
        node.Monitor.State.PresenceError.Should().NotBeNullOrEmpty();
        Func<Task> begin = () => _bed.BeginAsync(_migrator, new HandoverOptions { QuiesceTimeout = TimeSpan.FromSeconds(1) });
        (await begin.Should().ThrowAsync<HandoverTimeoutException>()).Which.Message.Should().Contain("without a file");
    }

    [Test]
    public async Task R4_by_the_lease_alone_if_asked_and_quiesce_is_taken_when_it_comes_free()
    {
        TestNode hung = _bed.AddNode("hung").Polled();
        await using Handover handover = await _bed.BeginAsync(_migrator,
            new HandoverOptions { QuiesceTimeout = TimeSpan.FromSeconds(1), ProceedOnLeaseAlone = true });
        handover.ProceededOnLeaseAlone.Should().BeTrue();
        handover.WaitTime.Should().BeGreaterThanOrEqualTo(_bed.HandoverTime);
        hung.IsRelaxed.Should().BeFalse("its lease is over");
        handover.MayRelease().Should().BeTrue();

        hung.Shard.Crash();
        _bed.Advance(2);
        handover.MayRelease().Should().BeTrue();
        _migrator.HeldLocks.Should().Contain(held => held.Path == ControlFolder.QuiescePath && held.Range.Offset == handover.Slot);
    }

    [Test]
    public async Task A_node_killed_while_it_holds_quiesce_does_not_block_the_next_migration()
    {
        TestNode node = _bed.AddNode("victim").Polled();
        node.Shard.Crash();
        await using Handover handover = await _bed.BeginAsync(_migrator);
        handover.MayRelease().Should().BeTrue();
    }

    [Test]
    public async Task While_a_handover_lasts_polling_nodes_are_strict_and_afterwards_relaxed()
    {
        TestNode node = _bed.AddNode("reader").Polled();
        int step = 0;
        Handover handover = await _bed.BeginAsync(_migrator, eachStep: () =>
        {
            if (++step % 100 == 0)
                node.Polled();
        });
        node.Polled().Reason.Should().Be(ModeReason.SignalHeld);
        await handover.DisposeAsync();
        handover.MayRelease().Should().BeFalse();
        _migrator.HeldLocks.Should().BeEmpty();
        node.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public async Task R10_two_handovers_run_at_once_in_slots_of_their_own_the_same_in_both_files()
    {
        InMemoryNode other = _bed.Cluster.AddNode("other");
        await using Handover first = await _bed.BeginAsync(_migrator, new HandoverOptions { Random = new Random(5) });
        await using Handover second = await _bed.PumpAsync(
            Handover.BeginAsync(other, _bed.Descriptor, new HandoverOptions { Random = new Random(5) }, default), () => first.MayRelease());
        second.Slot.Should().NotBe(first.Slot, "the same seed has proposed the same slot first");
        first.MayRelease().Should().BeTrue();
        second.MayRelease().Should().BeTrue();
        foreach ((InMemoryNode node, int slot) in new[] { (_migrator, first.Slot), (other, second.Slot) })
        {
            node.HeldLocks.Where(held => held.Path is ControlFolder.SignalPath or ControlFolder.QuiescePath)
                .Select(held => (held.Path, held.Range, held.Kind)).Should().BeEquivalentTo(new[]
                {
                    (ControlFolder.SignalPath, new LockRange(slot, 1), LockKind.Exclusive),
                    (ControlFolder.QuiescePath, new LockRange(slot, 1), LockKind.Exclusive),
                });
        }
    }

    [Test]
    public async Task R10_a_node_that_polls_at_that_moment_only_delays_the_migrator()
    {
        using IShardFile poll = _bed.OpenControlFile(ControlFolder.SignalPath);
        poll.TryLock(TestBed.AllSlots, LockKind.Shared);
        await using Handover handover = await _bed.BeginAsync(_migrator, eachStep: () =>
        {
            if (_bed.Cluster.Clock.Elapsed.TotalSeconds > 0.5)
                poll.Unlock(TestBed.AllSlots);
        });
        handover.WaitTime.Should().BeGreaterThan(_bed.HandoverTime + TimeSpan.FromSeconds(0.4));
    }

    [Test]
    public async Task A_signal_that_is_never_free_ends_in_a_timeout()
    {
        using IShardFile frozen = _bed.OpenControlFile(ControlFolder.SignalPath);
        frozen.TryLock(TestBed.AllSlots, LockKind.Shared);
        Func<Task> begin = () => _bed.BeginAsync(_migrator, new HandoverOptions { SignalTimeout = TimeSpan.FromSeconds(2) });
        (await begin.Should().ThrowAsync<HandoverTimeoutException>()).Which.Message.Should().Contain("signal").And.Contain("2 s");
        _migrator.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public async Task R11_both_locks_are_taken_again_at_least_every_half_lease()
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        var taken = new List<string>();
        _migrator.BeforeOperation = call =>
        {
            if (call.Operation == ShardOperation.Lock && call.Path is ControlFolder.SignalPath or ControlFolder.QuiescePath)
                taken.Add(call.Path);
        };
        for (int i = 0; i < 15; i++)
        {
            _bed.Advance(0.2);
            handover.MayRelease().Should().BeTrue();
        }
        taken.Count(path => path == ControlFolder.SignalPath).Should().Be(1);
        taken.Count(path => path == ControlFolder.QuiescePath).Should().Be(1);
    }

    [Test]
    public async Task R11_a_migrator_that_was_paused_for_a_lease_releases_nothing_for_ever_although_its_locks_are_still_there()
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        _bed.Advance(_bed.Lease.TotalSeconds);
        handover.MayRelease().Should().BeFalse();
        handover.EndedBecause.Should().Contain("paused");
        handover.MayRelease().Should().BeFalse();
    }

    [Test]
    public async Task R11_a_renewal_that_takes_longer_than_the_lease_ends_the_handover()
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        _bed.Advance(2);
        _migrator.Faults.OnLock(ControlFolder.QuiescePath).Once().Delay(() => _bed.Advance(1.5));
        handover.MayRelease().Should().BeFalse();
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public async Task R11_a_lock_that_was_lost_and_is_held_by_a_node_ends_the_handover(string path)
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        _migrator.LoseLocks();
        using IShardFile node = _bed.OpenControlFile(path);
        node.TryLock(TestBed.AllSlots, LockKind.Shared).IsGranted.Should().BeTrue();
        _bed.Advance(1.6);
        handover.MayRelease().Should().BeFalse();
        handover.EndedBecause.Should().Contain("lost");
        node.Unlock(TestBed.AllSlots);
        handover.MayRelease().Should().BeFalse();
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public async Task R11_a_replaced_control_file_ends_the_handover_at_the_next_renewal(string path)
    {
        await using Handover handover = await _bed.BeginAsync(_migrator);
        _migrator.Open("new", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        _migrator.Rename("new", path);
        _bed.Advance(1.6);
        handover.MayRelease().Should().BeFalse();
        handover.EndedBecause.Should().Contain("replaced");
    }

    [Test]
    public async Task R11_a_migrator_that_was_paused_while_it_waited_begins_to_wait_anew()
    {
        bool paused = false;
        await using Handover handover = await _bed.BeginAsync(_migrator, eachStep: () =>
        {
            if (paused || _bed.Cluster.Clock.Elapsed.TotalSeconds < 2)
                return;
            paused = true;
            // Its own clock goes on while it runs no code: its timer fires only at the end.
            _migrator.BeforeOperation = _ =>
            {
                _migrator.BeforeOperation = null;
                _bed.Advance(4);
            };
        });
        handover.WaitTime.Should().BeGreaterThan(TimeSpan.FromSeconds(6) + _bed.Lease);
        handover.MayRelease().Should().BeTrue();
    }

    [Test]
    public async Task A_cancelled_handover_holds_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        Func<Task> begin = () => _bed.BeginAsync(_migrator, eachStep: () =>
        {
            if (_bed.Cluster.Clock.Elapsed.TotalSeconds > 1)
                cancellation.Cancel();
        }, cancellation: cancellation.Token);
        await begin.Should().ThrowAsync<OperationCanceledException>();
        _migrator.HeldLocks.Should().BeEmpty();
        _migrator.OpenFileCount.Should().Be(0);
        NodeRegistry.List(_migrator, _bed.Descriptor).Should().BeEmpty();
    }

    [Test]
    public async Task Without_write_permission_on_the_signal_nobody_migrates()
    {
        _migrator.Faults.On(ShardOperation.Open, ControlFolder.SignalPath).Fail(ShardError.AccessDenied);
        Func<Task> begin = () => _bed.BeginAsync(_migrator);
        (await begin.Should().ThrowAsync<HsmAccessDeniedException>()).Which.Message.Should().Contain("what makes a migrator");
    }

    [Test]
    public async Task A_read_only_mount_refuses_with_a_clear_error()
    {
        InMemoryNode readOnly = _bed.Cluster.AddNode("ro", new InMemoryNodeOptions { IsReadOnly = true });
        Func<Task> begin = () => _bed.BeginAsync(readOnly);
        await begin.Should().ThrowAsync<ReadOnlyShardException>();
    }

    [Test]
    public async Task Locks_that_are_not_known_to_be_shared_refuse_a_handover([Values(LockReach.NodeLocal, LockReach.Unknown)] LockReach reach)
    {
        var bed = new TestBed(new InMemoryClusterOptions { LockReach = reach });
        Func<Task> begin = () => bed.BeginAsync(bed.Cluster.AddNode("migrator"));
        await begin.Should().ThrowAsync<ShardNotSupportedException>();
    }

    [Test]
    public async Task The_refusal_says_why_locks_are_not_shared_if_the_file_system_knows()
    {
        var bed = new TestBed(new InMemoryClusterOptions { LockReach = LockReach.NodeLocal, LockFault = "its stack is o2cb" });
        Func<Task> begin = () => bed.BeginAsync(bed.Cluster.AddNode("migrator"));
        await begin.Should().ThrowAsync<ShardNotSupportedException>().WithMessage("*not known to be seen by every node (its stack is o2cb), so no migration is safe*");
    }

    [Test]
    public async Task A_missing_signal_file_refuses_a_handover()
    {
        _migrator.Delete(ControlFolder.SignalPath);
        Func<Task> begin = () => _bed.BeginAsync(_migrator);
        (await begin.Should().ThrowAsync<InvalidShardException>()).Which.Message.Should().Contain(ControlFolder.SignalPath);
    }

    [Test]
    public async Task Descriptors_that_die_while_it_waits_are_opened_anew()
    {
        _migrator.Faults.OnLock(ControlFolder.QuiescePath).Once().Fail(ShardError.DeadHandle);
        await using Handover handover = await _bed.BeginAsync(_migrator);
        handover.MayRelease().Should().BeTrue();
    }

    [Test]
    public async Task Options_out_of_range_are_refused()
    {
        Func<Task> begin = () => _bed.BeginAsync(_migrator, new HandoverOptions { QuiesceTimeout = TimeSpan.FromSeconds(-1) });
        await begin.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }
}
