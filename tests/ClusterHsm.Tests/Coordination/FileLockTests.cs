using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class FileLockTests
{
    private const string Path = "data.bin";

    private TestBed _bed = null!;
    private InMemoryNode _one = null!;
    private InMemoryNode _two = null!;
    private FileLock _first = null!;
    private FileLock _second = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _one = _bed.Cluster.AddNode("one");
        _two = _bed.Cluster.AddNode("two");
        _first = NewLock(_one);
        _second = NewLock(_two);
    }

    private LockRange Gate => new(_bed.Descriptor.FileLockOffset, 1);

    private LockRange LockByte => new(_bed.Descriptor.FileLockOffset + 1, 1);

    [Test]
    public void R7_readers_share_and_leave_the_gate_open()
    {
        _first.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
        _second.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
        _one.HeldLocks.Should().Equal(new HeldLock(Path, LockByte, LockKind.Shared));
    }

    [Test]
    public void R7_a_writer_s_shared_lock_keeps_the_migrator_s_exclusive_one_out()
    {
        _first.TryAcquire(LockKind.Shared);
        _second.TryAcquire(LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _second.Held.Should().BeNull();
        _two.HeldLocks.Should().BeEmpty();
        _first.Release();
        _second.TryAcquire(LockKind.Exclusive).IsGranted.Should().BeTrue();
        _first.TryAcquire(LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _one.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public void Release_gives_everything_back([Values] LockKind kind)
    {
        _first.TryAcquire(kind);
        _first.Held.Should().Be(kind);
        _first.Release();
        _first.Held.Should().BeNull();
        _one.HeldLocks.Should().BeEmpty();
        _first.Release();
    }

    [Test]
    public void Up_and_down_again()
    {
        _first.TryAcquire(LockKind.Shared);
        _first.TryAcquire(LockKind.Exclusive).IsGranted.Should().BeTrue();
        _first.Held.Should().Be(LockKind.Exclusive);
        _second.TryAcquire(LockKind.Shared).IsGranted.Should().BeFalse();
        _first.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
        _first.Held.Should().Be(LockKind.Shared);
        _one.HeldLocks.Should().Equal(new HeldLock(Path, LockByte, LockKind.Shared));
        _second.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public void A_refused_way_up_leaves_the_shared_lock_and_its_trust()
    {
        _second.TryAcquire(LockKind.Shared);
        _first.TryAcquire(LockKind.Shared);
        _first.TryAcquire(LockKind.Exclusive).Status.Should().Be(LockStatus.Denied);
        _first.Held.Should().Be(LockKind.Shared);
        _first.IsTrusted.Should().BeTrue();
        _one.HeldLocks.Should().Equal(new HeldLock(Path, LockByte, LockKind.Shared));
    }

    [Test]
    public void A_conversion_that_fails_in_the_file_system_leaves_nothing([Values] LockKind from, [Values] LockKind to)
    {
        _first.TryAcquire(from);
        _one.Faults.OnLock(Path).Once().Fail(ShardError.DeadHandle);
        _first.TryAcquire(to).Status.Should().Be(LockStatus.Failed);
        _first.Held.Should().BeNull();
        _first.IsTrusted.Should().BeFalse();
        _one.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public void R11_a_lock_is_trusted_for_a_lease_from_the_reading_before_the_call()
    {
        _first.IsTrusted.Should().BeFalse();
        _one.Faults.OnLock(Path).Once().Delay(() => _bed.Advance(1));
        _first.TryAcquire(LockKind.Shared);
        _first.IsTrusted.Should().BeTrue();
        _bed.Advance(2);
        _first.IsTrusted.Should().BeFalse();
        _first.Held.Should().Be(LockKind.Shared);
        _first.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
        _first.IsTrusted.Should().BeTrue();
    }

    [Test]
    public void R11_a_renewal_finds_out_that_the_lock_was_lost_and_taken([Values] LockKind kind)
    {
        _first.TryAcquire(kind);
        _one.LoseLocks();
        _second.TryAcquire(LockKind.Exclusive).IsGranted.Should().BeTrue();
        _first.TryAcquire(kind).Status.Should().Be(LockStatus.Denied);
        _first.Held.Should().BeNull();
        _first.IsTrusted.Should().BeFalse();
    }

    [Test]
    public void R11_a_reader_renews_past_the_gate_of_a_writer_that_waits()
    {
        _first.TryAcquire(LockKind.Shared);
        using IShardFile writer = Open(_two);
        writer.TryLock(Gate, LockKind.Exclusive);
        _first.TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
        NewLock(_one).TryAcquire(LockKind.Shared).Status.Should().Be(LockStatus.Denied, "new readers stay outside");
    }

    [Test]
    public async Task A_waiting_writer_keeps_new_readers_out_and_gets_in_when_the_old_ones_leave()
    {
        _first.TryAcquire(LockKind.Shared);
        FileLock late = NewLock(_one);
        bool lateWasRefused = false;
        int step = 0;
        LockResult answer = await _bed.PumpAsync(_second.AcquireAsync(LockKind.Exclusive, TimeSpan.FromSeconds(30), default), () =>
        {
            if (++step < 50)
                return;
            if (step == 50)
            {
                lateWasRefused = !late.TryAcquire(LockKind.Shared).IsGranted;
                _first.Release();
            }
        });
        answer.IsGranted.Should().BeTrue();
        lateWasRefused.Should().BeTrue();
        _second.Held.Should().Be(LockKind.Exclusive);
    }

    [Test]
    public async Task Overlapping_readers_cannot_starve_a_writer()
    {
        // At any instant one of the two reads; without the gate the writer would wait for ever.
        FileLock[] readers = [NewLock(_one), NewLock(_one)];
        readers[0].TryAcquire(LockKind.Shared);
        int step = 0;
        LockResult answer = await _bed.PumpAsync(_second.AcquireAsync(LockKind.Exclusive, TimeSpan.FromSeconds(60), default), () =>
        {
            FileLock next = readers[++step % 2];
            next.TryAcquire(LockKind.Shared);
            readers[(step + 1) % 2].Release();
        });
        answer.IsGranted.Should().BeTrue();
    }

    [TestCase(null)]
    [TestCase(LockKind.Shared)]
    public async Task A_writer_that_times_out_gives_the_gate_back_and_keeps_what_it_had(LockKind? had)
    {
        if (had is { } kind)
            _second.TryAcquire(kind);
        _first.TryAcquire(LockKind.Shared);
        LockResult answer = await _bed.PumpAsync(_second.AcquireAsync(LockKind.Exclusive, TimeSpan.FromSeconds(1), default));
        answer.Status.Should().Be(LockStatus.Denied);
        _second.Held.Should().Be(had);
        _two.HeldLocks.Should().HaveCount(had is null ? 0 : 1);
        NewLock(_one).TryAcquire(LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public async Task A_cancelled_wait_leaves_nothing_held()
    {
        _first.TryAcquire(LockKind.Shared);
        using var cancellation = new CancellationTokenSource();
        int step = 0;
        Func<Task> wait = () => _bed.PumpAsync(_second.AcquireAsync(LockKind.Exclusive, Timeout.InfiniteTimeSpan, cancellation.Token), () =>
        {
            if (++step == 20)
                cancellation.Cancel();
        });
        await wait.Should().ThrowAsync<OperationCanceledException>();
        _two.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public async Task A_temporary_failure_is_tried_again_and_a_dead_handle_is_not()
    {
        _one.Faults.OnLock(Path).Times(3).Fail(ShardError.Temporary);
        (await _bed.PumpAsync(_first.AcquireAsync(LockKind.Shared, TimeSpan.FromSeconds(10), default))).IsGranted.Should().BeTrue();
        _two.Faults.OnLock(Path).Once().Fail(ShardError.DeadHandle);
        (await _second.AcquireAsync(LockKind.Shared, TimeSpan.FromSeconds(10), default)).Error.Should().Be(ShardError.DeadHandle);
    }

    [Test]
    public async Task With_no_time_there_is_one_attempt()
    {
        _first.TryAcquire(LockKind.Exclusive);
        (await _second.AcquireAsync(LockKind.Shared, TimeSpan.Zero, default)).Status.Should().Be(LockStatus.Denied);
        _second.Acquire(LockKind.Shared, TimeSpan.Zero, default).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public async Task The_blocking_wait_does_the_same()
    {
        _first.TryAcquire(LockKind.Shared);
        Task<LockResult> waiting = Task.Factory.StartNew(
            () => _second.Acquire(LockKind.Exclusive, TimeSpan.FromMinutes(10), default),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await _two.Clock.WaitForTimersAsync().WaitAsync(TimeSpan.FromSeconds(20));
        _first.Release();
        for (int i = 0; i < 1000 && !waiting.IsCompleted; i++)
        {
            _bed.Advance(0.1);
            await Task.WhenAny(waiting, _two.Clock.WaitForTimersAsync());
        }
        (await waiting.WaitAsync(TimeSpan.FromSeconds(20))).IsGranted.Should().BeTrue();
    }

    private FileLock NewLock(InMemoryNode node) => new(Open(node), _bed.Descriptor, node.Clock);

    private static IShardFile Open(InMemoryNode node) => node.Open(Path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
}
