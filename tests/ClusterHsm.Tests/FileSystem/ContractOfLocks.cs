using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Byte-range locks that belong to the handle.</summary>
public abstract class ContractOfLocks<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private const long Far = 1L << 62;

    private IShardFile _mine = null!;
    private IShardFile _theirs = null!;

    private static readonly LockRange Byte = new(Far, 1);

    [SetUp]
    public void OpenOneFileOnBothNodes()
    {
        _mine = Open("file");
        _theirs = OpenOnOther("file");
    }

    [TearDown]
    public void CloseBoth()
    {
        _mine.Dispose();
        _theirs.Dispose();
    }

    [Test]
    public void Shared_locks_go_together()
    {
        Take(_mine, Byte, LockKind.Shared);
        Take(_theirs, Byte, LockKind.Shared);
    }

    [TestCase(LockKind.Shared, LockKind.Exclusive)]
    [TestCase(LockKind.Exclusive, LockKind.Shared)]
    [TestCase(LockKind.Exclusive, LockKind.Exclusive)]
    public void An_exclusive_lock_is_alone(LockKind first, LockKind second)
    {
        Take(_mine, Byte, first);
        Refuse(_theirs, Byte, second);
        Free(_mine, Byte);
        Take(_theirs, Byte, second);
    }

    [Test]
    public void Two_handles_of_one_node_are_two_owners()
    {
        IShardFile second = Open("file");
        Take(_mine, Byte, LockKind.Exclusive);
        Refuse(second, Byte, LockKind.Shared);
    }

    [Test]
    public void The_end_of_another_handle_of_the_file_drops_no_lock()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        Open("file").Dispose();
        Node.GetInfo("file");
        Refuse(_theirs, Byte, LockKind.Shared);
    }

    [Test]
    public void A_lock_ends_with_its_handle()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        _mine.Dispose();
        Take(_theirs, Byte, LockKind.Exclusive);
    }

    [TestCase(LockKind.Shared)]
    [TestCase(LockKind.Exclusive)]
    public void A_lock_can_be_taken_again_and_is_still_one(LockKind kind)
    {
        Take(_mine, Byte, kind);
        Take(_mine, Byte, kind);
        Free(_mine, Byte);
        Take(_theirs, Byte, LockKind.Exclusive);
    }

    [Test]
    public void A_shared_lock_becomes_exclusive_if_nobody_shares_it()
    {
        Take(_mine, Byte, LockKind.Shared);
        Take(_mine, Byte, LockKind.Exclusive);
        Refuse(_theirs, Byte, LockKind.Shared);
    }

    [Test]
    public void A_conversion_that_is_refused_leaves_what_was_held_or_says_that_it_does_not()
    {
        Take(_mine, Byte, LockKind.Shared);
        Take(_theirs, Byte, LockKind.Shared);
        if (!Shard.RefusedConversionsKeepTheLock)
        {
            LockResult answer = _mine.TryLock(Byte, LockKind.Exclusive);
            (answer.Status, answer.Error).Should().Be((LockStatus.Failed, ShardError.Temporary), "nothing is held now");
            Take(_theirs, Byte, LockKind.Exclusive);
            return;
        }
        Refuse(_mine, Byte, LockKind.Exclusive);
        Free(_theirs, Byte);
        Refuse(_theirs, Byte, LockKind.Exclusive);
        Take(_theirs, Byte, LockKind.Shared);
    }

    [Test]
    public void An_exclusive_lock_becomes_shared()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        Take(_mine, Byte, LockKind.Shared);
        Take(_theirs, Byte, LockKind.Shared);
        Refuse(Open("file"), Byte, LockKind.Exclusive);
    }

    [Test]
    public void Ranges_that_share_no_byte_are_no_concern_of_each_other()
    {
        Take(_mine, new LockRange(0, 10), LockKind.Exclusive);
        Take(_theirs, new LockRange(10, 10), LockKind.Exclusive);
        Refuse(_theirs, new LockRange(9, 1), LockKind.Shared);
        Refuse(_mine, new LockRange(10, 1), LockKind.Shared);
    }

    [Test]
    public void One_byte_in_common_is_a_conflict()
    {
        Take(_mine, new LockRange(100, 4096), LockKind.Shared);
        Refuse(_theirs, new LockRange(0, 101), LockKind.Exclusive);
        Refuse(_theirs, new LockRange(4195, 1), LockKind.Exclusive);
        Take(_theirs, new LockRange(4196, 1), LockKind.Exclusive);
    }

    [Test]
    public void A_range_can_be_given_back_in_the_middle()
    {
        Take(_mine, new LockRange(0, 30), LockKind.Exclusive);
        Free(_mine, new LockRange(10, 10));
        Take(_theirs, new LockRange(10, 10), LockKind.Exclusive);
        Refuse(_theirs, new LockRange(9, 1), LockKind.Shared);
        Refuse(_theirs, new LockRange(20, 1), LockKind.Shared);
    }

    [Test]
    public void The_middle_of_a_range_can_be_converted()
    {
        Take(_mine, new LockRange(0, 30), LockKind.Exclusive);
        Take(_mine, new LockRange(10, 10), LockKind.Shared);
        Take(_theirs, new LockRange(10, 10), LockKind.Shared);
        Refuse(_theirs, new LockRange(0, 1), LockKind.Shared);
        Refuse(_theirs, new LockRange(29, 1), LockKind.Shared);
    }

    [Test]
    public void One_call_gives_back_what_several_took()
    {
        Take(_mine, new LockRange(0, 10), LockKind.Exclusive);
        Take(_mine, new LockRange(20, 10), LockKind.Shared);
        Free(_mine, new LockRange(0, 100));
        Take(_theirs, new LockRange(0, 100), LockKind.Exclusive);
    }

    [Test]
    public void Giving_back_what_is_not_held_is_no_failure_and_takes_nothing_from_others()
    {
        Take(_theirs, Byte, LockKind.Exclusive);
        Free(_mine, Byte);
        Refuse(_mine, Byte, LockKind.Shared);
    }

    [TestCase(0)]
    [TestCase(1L << 40)]
    [TestCase(Far)]
    [TestCase(long.MaxValue - 1)]
    public void Any_byte_of_an_empty_file_can_be_locked(long offset)
    {
        var range = new LockRange(offset, 1);
        Take(_mine, range, LockKind.Exclusive);
        Refuse(_theirs, range, LockKind.Exclusive);
        _mine.GetInfo().Size.Should().Be(0);
    }

    [Test]
    public void A_shared_lock_needs_a_handle_that_reads()
    {
        LockResult result = Open("file", ShardOpenOptions.Write).TryLock(Byte, LockKind.Shared);
        result.Status.Should().Be(LockStatus.Failed);
        result.Error.Should().Be(ShardError.AccessDenied);
    }

    [Test]
    public void An_exclusive_lock_needs_a_handle_that_writes()
    {
        IShardFile reader = Open("file", ShardOpenOptions.Read);
        LockResult result = reader.TryLock(Byte, LockKind.Exclusive);
        result.Status.Should().Be(LockStatus.Failed);
        result.Error.Should().Be(ShardError.AccessDenied);
        Take(reader, Byte, LockKind.Shared);
    }

    [Test]
    public void A_question_is_answered_and_nothing_is_held()
    {
        _mine.QueryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
        Take(_theirs, Byte, LockKind.Exclusive);
        _mine.QueryLock(Byte, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _mine.QueryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        Take(_theirs, Byte, LockKind.Shared);
        _mine.QueryLock(Byte, LockKind.Shared).IsGranted.Should().BeTrue();
        _mine.QueryLock(Byte, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        Free(_theirs, Byte);
        Take(_theirs, Byte, LockKind.Exclusive);
    }

    [Test]
    public void What_a_handle_holds_itself_is_not_in_the_way_of_its_question()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        _mine.QueryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeTrue();
        _mine.QueryLock(Byte, LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public void A_question_about_a_long_range_finds_one_byte_in_it()
    {
        Take(_theirs, new LockRange(1234, 1), LockKind.Exclusive);
        _mine.QueryLock(new LockRange(0, 4096), LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _mine.QueryLock(new LockRange(0, 1234), LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public void Lock_calls_answer_even_on_a_handle_that_has_ended()
    {
        _mine.Dispose();
        _mine.TryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Failed);
        _mine.QueryLock(Byte, LockKind.Shared).Status.Should().Be(LockStatus.Failed);
        _mine.Invoking(m => m.Unlock(Byte)).Should().NotThrow();
    }

    [TestCase(-1, 1)]
    [TestCase(0, -1)]
    public void A_range_that_is_none_is_answered_with_a_failure(long offset, long length) =>
        _mine.TryLock(new LockRange(offset, length), LockKind.Shared).Status.Should().Be(LockStatus.Failed);

    [Test]
    public void A_lock_on_one_file_is_none_on_another()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        Open("second");
        Take(OpenOnOther("second"), Byte, LockKind.Exclusive);
    }

    [Test]
    public void A_lock_is_on_the_file_and_not_on_its_name()
    {
        Take(_mine, Byte, LockKind.Exclusive);
        Shard.CreateHardLink("file", "link");
        Refuse(OpenOnOther("link"), Byte, LockKind.Shared);
        Node.Rename("file", "moved");
        Refuse(OpenOnOther("moved"), Byte, LockKind.Shared);
    }

    [Test]
    public void Of_many_threads_that_want_it_exclusively_one_gets_it()
    {
        IShardFile[] handles = [.. Enumerable.Range(0, 16).Select(_ => Open("file"))];
        int granted = 0;
        Parallel.ForEach(handles, handle =>
        {
            if (handle.TryLock(Byte, LockKind.Exclusive).IsGranted)
                Interlocked.Increment(ref granted);
        });
        granted.Should().Be(1);
    }

    [Test]
    public void Locks_do_not_hinder_reading_and_writing()
    {
        Take(_theirs, new LockRange(Shard.LocksAreAdvisory ? 0 : Far, 100), LockKind.Exclusive);
        _mine.Write([1, 2, 3], 0);
        ReadAll(_mine).Should().Equal(1, 2, 3);
    }

    private static void Take(IShardFile file, LockRange range, LockKind kind) =>
        file.TryLock(range, kind).Should().Be(LockResult.Granted);

    private static void Refuse(IShardFile file, LockRange range, LockKind kind) =>
        file.TryLock(range, kind).Status.Should().Be(LockStatus.Denied);

    private static void Free(IShardFile file, LockRange range) => file.Unlock(range).IsGranted.Should().BeTrue();
}
