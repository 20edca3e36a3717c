using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class FailClosedTests
{
    private TestBed _bed = null!;
    private TestNode _node = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _node = _bed.AddNode("reader").Polled();
    }

    [Test]
    public void R9_any_failure_of_the_signal_lock_is_a_denial_and_ends_the_lease_at_once(
        [Values(ShardError.Other, ShardError.AccessDenied, ShardError.NotSupported, ShardError.DeadHandle, ShardError.Temporary)] ShardError error)
    {
        long epoch = _node.Cache.Epoch;
        _node.Shard.Faults.OnLock(ControlFolder.SignalPath).Once().Fail(error);
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.HoldsQuiesce.Should().BeFalse();
        _node.Cache.Epoch.Should().BeGreaterThan(epoch);
        _node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.LockFailed });
        _node.Monitor.State.LastError.Should().Contain(error.ToString());
        _node.Polled().IsRelaxed.Should().BeTrue("the failure is over");
    }

    [Test]
    public void R9_a_signal_lock_that_cannot_be_given_back_is_not_kept()
    {
        _node.Shard.Faults.When(call => call.Operation == ShardOperation.Unlock && call.Path == ControlFolder.SignalPath)
            .Once().Fail(ShardError.Temporary);
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Shard.HeldLocks.Should().NotContain(held => held.Path == ControlFolder.SignalPath);
        _node.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public void R9_a_quiesce_lock_that_fails_is_no_quiesce_lock()
    {
        TestNode fresh = _bed.AddNode("fresh");
        fresh.Shard.Faults.OnLock(ControlFolder.QuiescePath).Once().Fail(ShardError.Temporary);
        fresh.Polled().IsRelaxed.Should().BeFalse();
        fresh.Reason.Should().Be(ModeReason.LockFailed);
        fresh.Polled().IsRelaxed.Should().BeTrue();
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public void R9_a_deleted_control_file_means_strict(string path)
    {
        _node.Shard.Delete(path);
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.SignalMissing);
        _node.HoldsQuiesce.Should().BeFalse();
        _node.Polled().Reason.Should().Be(ModeReason.SignalMissing);
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public void R9_a_replaced_control_file_means_strict_until_a_migrator_on_the_old_one_must_have_noticed(string path)
    {
        Replace(path);
        _node.Polled().Reason.Should().Be(ModeReason.SignalReplaced);
        _node.IsRelaxed.Should().BeFalse();
        _bed.Advance(_bed.HandoverTime.TotalSeconds - 0.001);
        _node.Polled().IsRelaxed.Should().BeFalse();
        _bed.Advance(0.001);
        _node.Polled().IsRelaxed.Should().BeTrue();
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public void R9_a_node_that_starts_after_a_control_file_was_replaced_is_strict_for_as_long(string path)
    {
        _bed.Advance(1);
        Replace(path);
        TestNode fresh = _bed.AddNode("fresh").Polled();
        fresh.Reason.Should().Be(ModeReason.SignalReplaced);
        _bed.Advance(_bed.HandoverTime.TotalSeconds - 0.001);
        fresh.Polled().IsRelaxed.Should().BeFalse();
        _bed.Advance(0.001);
        fresh.Polled().IsRelaxed.Should().BeTrue();
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public void R9_files_that_are_opened_anew_after_the_file_system_was_away_may_have_been_replaced_meanwhile(string path)
    {
        _bed.Advance(1);
        _node.Shard.Faults.On(ShardOperation.GetInfo, ControlFolder.SignalPath).Once().Fail(ShardError.DeadHandle);
        _node.Polled();
        // As if another had taken its inode number.
        using (IShardFile file = _node.Shard.Open(path, ShardOpenOptions.ReadWrite))
        {
            ShardFileInfo info = file.GetInfo();
            file.SetOwnership(info.Mode, info.UserId, info.GroupId);
        }
        _node.Polled().Reason.Should().Be(ModeReason.SignalReplaced);
    }

    [Test]
    public void R9_a_shard_on_which_nobody_noted_the_files_makes_each_new_node_wait()
    {
        string text;
        using (IShardFile file = _node.Shard.Open(ControlFolder.DescriptorPath, ShardOpenOptions.ReadWrite))
        {
            byte[] bytes = new byte[4096];
            text = Encoding.UTF8.GetString(bytes, 0, file.Read(bytes, 0));
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(text.Replace("signalChanged", "x", StringComparison.Ordinal)), 0);
        }
        text.Should().Contain("\"signalChanged\": \"");
        TestNode fresh = _bed.AddNode("fresh").Polled();
        fresh.Reason.Should().Be(ModeReason.SignalReplaced);
        _bed.Advance(_bed.HandoverTime.TotalSeconds);
        fresh.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public void R9_a_control_file_that_was_gone_counts_as_replaced_even_if_its_inode_number_is_the_old_one()
    {
        ulong number = _node.Shard.GetInfo(ControlFolder.SignalPath)!.Value.Identity.Inode;
        _node.Shard.Rename(ControlFolder.SignalPath, "aside");
        _node.Polled().Reason.Should().Be(ModeReason.SignalMissing);
        _node.Shard.Rename("aside", ControlFolder.SignalPath);
        _node.Shard.GetInfo(ControlFolder.SignalPath)!.Value.Identity.Inode.Should().Be(number);
        _node.Polled().Reason.Should().Be(ModeReason.SignalReplaced);
    }

    [Test]
    public void R9_an_unreadable_signal_means_strict()
    {
        TestNode fresh = _bed.AddNode("fresh");
        fresh.Shard.Faults.On(ShardOperation.Open, ControlFolder.SignalPath).Fail(ShardError.AccessDenied);
        fresh.Polled().Reason.Should().Be(ModeReason.SignalUnreadable);
        fresh.IsRelaxed.Should().BeFalse();
    }

    [Test]
    public void R9_a_file_system_gone_away_means_strict_and_the_files_are_opened_anew_when_it_is_back()
    {
        _node.Shard.Faults.On(ShardOperation.GetInfo, ControlFolder.SignalPath).Once().Fail(ShardError.DeadHandle);
        _node.Polled().Reason.Should().Be(ModeReason.LockFailed);
        _node.Shard.HeldLocks.Should().NotContain(held => held.Path == ControlFolder.QuiescePath);
        int opens = 0;
        _node.Shard.BeforeOperation = call => opens += call.Operation == ShardOperation.Open ? 1 : 0;
        _node.Polled().IsRelaxed.Should().BeTrue();
        opens.Should().BeGreaterThanOrEqualTo(2, "a dead descriptor never works again");
    }

    [Test]
    public void R9_an_exception_that_nobody_foresaw_means_strict_and_is_not_thrown()
    {
        _node.Shard.BeforeOperation = _ => throw new InvalidOperationException("surprise");
        _node.Invoking(node => node.Polled()).Should().NotThrow();
        _node.IsRelaxed.Should().BeFalse();
        _node.Monitor.State.LastError.Should().Contain("surprise");
        _node.Shard.BeforeOperation = null;
        _node.Polled().IsRelaxed.Should().BeTrue();
    }

    [Test]
    public void R9_a_crashed_node_is_strict()
    {
        _node.Shard.Crash();
        _node.Polled().IsRelaxed.Should().BeFalse();
    }

    [TestCase(LockReach.NodeLocal)]
    [TestCase(LockReach.Unknown)]
    public void R9_locks_that_are_not_known_to_be_shared_mean_strict_for_ever(LockReach reach)
    {
        var bed = new TestBed(new InMemoryClusterOptions { LockReach = reach });
        TestNode node = bed.AddNode("reader").Polled().Polled();
        node.IsRelaxed.Should().BeFalse();
        node.Reason.Should().Be(ModeReason.LocksNotShared);
        node.HoldsQuiesce.Should().BeFalse();
    }

    [Test]
    public void R9_records_that_an_open_can_miss_mean_strict_for_ever_unless_it_was_proven_otherwise()
    {
        InMemoryClusterOptions late = new() { RecordFault = "it caches them" };
        TestNode node = new TestBed(late).AddNode("reader").Polled().Polled();
        (node.IsRelaxed, node.Reason, node.HoldsQuiesce).Should().Be((false, ModeReason.RecordsSeenLate, false));

        new TestBed(late, TestBed.NewDescriptor() with { CachesProven = true }).AddNode("reader").Polled().IsRelaxed.Should().BeTrue();
    }

    /// <remarks>A blind answer would leave the node relaxed beside a migrator: so it is not asked for one.</remarks>
    [Test]
    public void R9_a_node_that_is_to_ask_without_taking_locks_where_answers_are_not_known_to_be_of_every_node_and_says_so_once([Values] bool isProven)
    {
        TestBed bed = new(new InMemoryClusterOptions { QueriesSeeEveryNode = false, FileSystemType = "fuse.other" },
            TestBed.NewDescriptor() with { QueriesProven = isProven });
        InMemoryNode shard = bed.Cluster.AddNode("asker");
        List<ShardOperation> asked = [];
        shard.BeforeOperation = call =>
        {
            if (call.Path == ControlFolder.SignalPath && call.Operation is ShardOperation.Lock or ShardOperation.QueryLock)
                asked.Add(call.Operation);
        };
        List<string> log = [];
        TestNode node = new(shard, new SignalFileOptions { Request = SignalRequest.Query }, new LineLogger(log.Add));

        node.Polled().Polled().IsRelaxed.Should().BeTrue();
        asked.Should().Equal(isProven ? [ShardOperation.QueryLock, ShardOperation.QueryLock] : [ShardOperation.Lock, ShardOperation.Lock]);
        string[] warnings = [.. log.Where(static line => line.Contains("LockAndUnlock", StringComparison.Ordinal))];
        warnings.Should().HaveCount(isProven ? 0 : 1);
        if (!isProven)
            warnings[0].Should().Contain("LockAndUnlock and not by Query").And.Contain("fuse.other").And.Contain("\"queriesProven\": true");

        using IShardFile signal = bed.OpenControlFile(ControlFolder.SignalPath);
        signal.TryLock(new LockRange(7, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
        (node.Polled().IsRelaxed, node.Reason).Should().Be((false, ModeReason.SignalHeld));
    }

    [Test]
    public void R9_an_operator_s_proof_overrides_what_the_file_system_is_known_for()
    {
        var bed = new TestBed(new InMemoryClusterOptions { LockReach = LockReach.Unknown },
            TestBed.NewDescriptor() with { LockReach = LockReach.Shared });
        bed.AddNode("reader").Polled().IsRelaxed.Should().BeTrue();
        bed = new TestBed(null, TestBed.NewDescriptor() with { LockReach = LockReach.NodeLocal });
        bed.AddNode("reader").Polled().IsRelaxed.Should().BeFalse();
    }

    [Test]
    public async Task R9_a_stopped_monitor_is_strict_for_ever()
    {
        await _node.Monitor.DisposeAsync();
        _node.IsRelaxed.Should().BeFalse();
        _node.Polled().IsRelaxed.Should().BeFalse();
        _node.Reason.Should().Be(ModeReason.Stopped);
        _node.Shard.OpenFileCount.Should().Be(0);
    }

    private void Replace(string path)
    {
        _node.Shard.Open("new", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        _node.Shard.Rename("new", path);
    }
}
