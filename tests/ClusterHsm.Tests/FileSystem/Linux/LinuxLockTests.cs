using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>Both drivers give a handle locks of its own. An OFD handle is the witness of what the kernel holds.</summary>
[TestFixture(LockDriver.OpenFileDescription)]
[TestFixture(LockDriver.ProcessOwned)]
public class LinuxLockTests(LockDriver driver)
{
    private static readonly LockRange Far = new(1L << 62, 1);

    private LinuxTestFolder _folder = null!;
    private IShardFile _one = null!;
    private IShardFile _two = null!;
    private IShardFile _witness = null!;

    [SetUp]
    public void OpenThreeHandles()
    {
        _folder = new LinuxTestFolder(new LinuxShardOptions(LockDriver: driver));
        // The witness is closed last: its close drops process-owned locks, as any close by other code in the process does.
        _witness = _folder.Open("file", shard: _folder.OpenShard(new(LockDriver: LockDriver.OpenFileDescription)));
        _one = _folder.Open("file");
        _two = _folder.Open("file");
    }

    [TearDown]
    public void Clean()
    {
        _one.Dispose();
        _two.Dispose();
        _witness.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void The_driver_is_told() => _folder.Shard.Capabilities.LockDriver.Should().Be(driver);

    [Test]
    public void Exclusive_excludes_another_handle_of_the_same_process_and_another_owner()
    {
        _one.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);

        foreach (IShardFile other in (IShardFile[])[_two, _witness])
        {
            other.TryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
            other.TryLock(Far, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
            other.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        }
        _one.QueryLock(Far, LockKind.Exclusive).IsGranted.Should().BeTrue("a handle is not in its own way");
    }

    [Test]
    public void A_lock_of_another_owner_is_in_the_way()
    {
        _witness.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);

        _one.TryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _one.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void Shared_is_shared_and_one_unlock_leaves_the_other_lock()
    {
        _one.TryLock(Far, LockKind.Shared).Should().Be(LockResult.Granted);
        _two.TryLock(Far, LockKind.Shared).Should().Be(LockResult.Granted);

        _one.Unlock(Far).Should().Be(LockResult.Granted);

        _witness.QueryLock(Far, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _one.TryLock(Far, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _two.Unlock(Far);
        _witness.QueryLock(Far, LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public void Closing_one_handle_leaves_the_locks_of_another()
    {
        _two.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);
        _one.TryLock(new LockRange(0, 10), LockKind.Exclusive).Should().Be(LockResult.Granted);

        _one.Dispose();

        _witness.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _witness.QueryLock(new LockRange(0, 10), LockKind.Exclusive).IsGranted.Should().BeTrue("the closed handle's own are given back");
    }

    [Test]
    public void Looking_at_the_file_by_its_name_leaves_the_locks()
    {
        _one.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);

        _folder.Shard.ReadAttribute("file", "user.none");
        _folder.Shard.FindWriters("file");
        _folder.Shard.GetInfo("file");
        _folder.Shard.Open("file", ShardOpenOptions.Read).Dispose();

        _witness.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void Closing_what_was_handed_out_leaves_the_locks()
    {
        _one.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);
        _two.Handle.Should().NotBeNull();

        _two.Dispose();

        _witness.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void The_end_of_a_handle_is_the_end_of_its_locks()
    {
        _one.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);

        _one.Dispose();

        _two.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);
    }

    [Test]
    public void A_lock_is_converted_both_ways()
    {
        _one.TryLock(Far, LockKind.Shared).Should().Be(LockResult.Granted);
        _one.TryLock(Far, LockKind.Exclusive).Should().Be(LockResult.Granted);
        _two.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);

        _one.TryLock(Far, LockKind.Shared).Should().Be(LockResult.Granted);
        _two.TryLock(Far, LockKind.Shared).Should().Be(LockResult.Granted);
        _one.TryLock(Far, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _witness.QueryLock(Far, LockKind.Shared).IsGranted.Should().BeTrue("a refused conversion leaves the shared lock");
        _witness.QueryLock(Far, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public void Part_of_a_range_is_given_back()
    {
        _one.TryLock(new LockRange(0, 100), LockKind.Shared);
        _two.TryLock(new LockRange(50, 100), LockKind.Shared);

        _one.Unlock(new LockRange(20, 60));

        bool Free(long offset, long length) => _witness.QueryLock(new LockRange(offset, length), LockKind.Exclusive).IsGranted;
        Free(0, 20).Should().BeFalse();
        Free(20, 30).Should().BeTrue();
        Free(50, 30).Should().BeFalse("the second handle holds it");
        Free(80, 20).Should().BeFalse();
        Free(150, 50).Should().BeTrue();
    }

    [Test]
    public void The_kernel_follows_any_sequence_of_calls()
    {
        // A model: for each of 16 bytes, what each of two handles holds.
        int seed = TestContext.CurrentContext.Random.Next();
        Random random = new(seed);
        LockKind?[,] model = new LockKind?[2, 16];
        IShardFile[] handles = [_one, _two];
        for (int step = 0; step < 400; step++)
        {
            int who = random.Next(2);
            int start = random.Next(16);
            int length = random.Next(1, 17 - start);
            LockRange range = new(start, length);
            LockKind? kind = random.Next(3) switch { 0 => null, 1 => LockKind.Shared, _ => LockKind.Exclusive };
            bool conflict = kind is not null && Enumerable.Range(start, length).Any(
                b => model[1 - who, b] is { } held && (held == LockKind.Exclusive || kind == LockKind.Exclusive));
            LockResult result = kind is null ? handles[who].Unlock(range) : handles[who].TryLock(range, kind.Value);
            result.IsGranted.Should().Be(!conflict, "seed {0}, step {1}", seed, step);
            for (int b = start; b < start + length && !conflict; b++)
                model[who, b] = kind;
            for (int b = 0; b < 16; b++)
            {
                bool anyExclusive = model[0, b] == LockKind.Exclusive || model[1, b] == LockKind.Exclusive;
                bool any = model[0, b] is not null || model[1, b] is not null;
                LockRange one = new(b, 1);
                _witness.QueryLock(one, LockKind.Shared).IsGranted.Should().Be(!anyExclusive, "seed {0}, step {1}, byte {2}", seed, step, b);
                _witness.QueryLock(one, LockKind.Exclusive).IsGranted.Should().Be(!any, "seed {0}, step {1}, byte {2}", seed, step, b);
            }
        }
    }

    [Test]
    public void An_exclusive_lock_needs_a_handle_for_writing_and_a_shared_one_a_handle_for_reading()
    {
        LockResult result = _folder.Open("file", ShardOpenOptions.Read).TryLock(Far, LockKind.Exclusive);
        result.Status.Should().Be(LockStatus.Failed);
        result.Error.Should().Be(ShardError.AccessDenied);

        _folder.Open("file", ShardOpenOptions.Write).TryLock(Far, LockKind.Shared).Error.Should().Be(ShardError.AccessDenied);
    }

    [TestCase(-1, 1)]
    [TestCase(0, 0)]
    [TestCase(long.MaxValue, 2)]
    public void A_range_that_cannot_be_fails_without_an_exception(long offset, long length)
    {
        _one.TryLock(new LockRange(offset, length), LockKind.Exclusive).Status.Should().Be(LockStatus.Failed);
        _one.QueryLock(new LockRange(offset, length), LockKind.Exclusive).Status.Should().Be(LockStatus.Failed);
        _one.Unlock(new LockRange(offset, length)).Status.Should().Be(LockStatus.Failed);
    }

    [Test]
    public void After_the_end_of_the_handle_every_call_fails_without_an_exception()
    {
        _one.Dispose();

        _one.TryLock(Far, LockKind.Shared).Error.Should().Be(ShardError.DeadHandle);
        _one.QueryLock(Far, LockKind.Shared).Error.Should().Be(ShardError.DeadHandle);
        _one.Unlock(Far).Error.Should().Be(ShardError.DeadHandle);
    }

    [Test]
    public void Without_a_driver_every_request_is_refused()
    {
        IShardFile file = _folder.Open("file", shard: _folder.OpenShard(new(LockDriver: LockDriver.None)));

        file.TryLock(Far, LockKind.Shared).Should().Be(new LockResult(LockStatus.Failed, ShardError.NotSupported, 95));
        file.QueryLock(Far, LockKind.Shared).IsGranted.Should().BeFalse();
    }

    [Test]
    public void The_account_of_a_file_goes_with_its_last_handle()
    {
        InodeKey key = new(_folder.Shard.Device, _one.Identity.Inode);
        _one.TryLock(Far, LockKind.Shared);
        _one.Dispose();
        _two.Dispose();

        InodeLocks account = ProcessLockTable.Join(key);
        account.Users.Should().Be(1);
        ProcessLockTable.Leave(account);
    }
}
