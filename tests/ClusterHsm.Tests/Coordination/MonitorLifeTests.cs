using System.Collections.Concurrent;
using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

/// <summary>The thread, the events and the end of a monitor.</summary>
[TestFixture]
public sealed class MonitorLifeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private TestBed _bed = null!;
    private InMemoryNode _shard = null!;
    private InodeCache _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _shard = _bed.Cluster.AddNode("reader");
        _cache = new InodeCache(100);
    }

    [Test]
    public async Task The_thread_polls_at_the_interval_within_ten_percent()
    {
        await using var monitor = new SignalFileLockMonitor(_shard, _cache, new SignalFileOptions { Random = new Random(3) });
        await monitor.FirstPoll.WaitAsync(Patience);
        for (int poll = 1; poll <= 20; poll++)
        {
            // The timer of the interval and the one that watches the end of the lease.
            await _shard.Clock.WaitForTimersAsync(2).WaitAsync(Patience);
            _shard.Clock.NextTimerIn!.Value.TotalSeconds.Should().BeInRange(0.9, 1.1);
            monitor.State.Polls.Should().Be(poll);
            _bed.Cluster.Advance(_shard.Clock.NextTimerIn.Value);
        }
        monitor.IsRelaxed(_cache.Epoch).Should().BeTrue();
    }

    [Test]
    public async Task An_interval_longer_than_a_third_of_the_lease_is_cut()
    {
        await using var monitor = new SignalFileLockMonitor(_shard, _cache, new SignalFileOptions { PollInterval = TimeSpan.FromMinutes(1) });
        await _shard.Clock.WaitForTimersAsync(2).WaitAsync(Patience);
        _shard.Clock.NextTimerIn!.Value.Should().BeLessThanOrEqualTo(_bed.Lease / 3 * 1.1);
    }

    [Test]
    public async Task Modes_can_be_waited_for()
    {
        TestNode node = _bed.AddNode("waiter");
        Task relaxed = node.Monitor.WaitForModeAsync(LockMode.Relaxed);
        relaxed.IsCompleted.Should().BeFalse();
        node.Polled();
        await relaxed.WaitAsync(Patience);
        Task strict = node.Monitor.WaitForModeAsync(LockMode.Strict);
        strict.IsCompleted.Should().BeFalse();
        // Nobody polls: the end of the lease alone completes it.
        _bed.Advance(3);
        await strict.WaitAsync(Patience);
    }

    [Test]
    public async Task A_wait_for_a_mode_can_be_cancelled_and_ends_with_the_monitor()
    {
        TestNode node = _bed.AddNode("waiter");
        using var cancellation = new CancellationTokenSource();
        Task cancelled = node.Monitor.WaitForModeAsync(LockMode.Relaxed, cancellation.Token);
        Task orphaned = node.Monitor.WaitForModeAsync(LockMode.Relaxed);
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
        await node.Monitor.DisposeAsync();
        await FluentActions.Awaiting(() => orphaned.WaitAsync(Patience)).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => node.Monitor.WaitForModeAsync(LockMode.Relaxed)).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Test]
    public async Task Changes_of_mode_are_raised_in_order_although_handlers_throw_and_block()
    {
        TestNode node = _bed.AddNode("eventful");
        var seen = new ConcurrentQueue<(LockMode, ModeReason)>();
        var gate = new TaskCompletionSource();
        var last = new TaskCompletionSource();
        node.Monitor.ModeChanged += (_, _) => gate.Task.Wait();
        node.Monitor.ModeChanged += (_, _) => throw new InvalidOperationException("a bad handler");
        node.Monitor.ModeChanged += (sender, change) =>
        {
            sender.Should().BeSameAs(node.Monitor);
            seen.Enqueue((change.Mode, change.Reason));
            if (change.Reason == ModeReason.Stopped)
                last.TrySetResult();
        };
        using IShardFile signal = _bed.OpenControlFile(ControlFolder.SignalPath);
        node.Polled();
        signal.TryLock(new LockRange(1, 1), LockKind.Exclusive);
        node.Polled().Polled();
        signal.Unlock(new LockRange(1, 1));
        // Polls go on while the first handler blocks.
        node.Polled().IsRelaxed.Should().BeTrue();
        await node.Monitor.DisposeAsync();
        seen.Should().BeEmpty();
        gate.SetResult();
        await last.Task.WaitAsync(Patience);
        seen.Should().Equal((LockMode.Relaxed, ModeReason.SignalFree), (LockMode.Strict, ModeReason.SignalHeld),
            (LockMode.Relaxed, ModeReason.SignalFree), (LockMode.Strict, ModeReason.Stopped));
    }

    [Test]
    public async Task A_reason_is_logged_once_and_not_at_every_poll()
    {
        var log = new ListLogger();
        SignalFileLockMonitor monitor = SignalFileLockMonitor.CreateStepped(_shard, _cache, null, log);
        monitor.Poll();
        _shard.Delete(ControlFolder.SignalPath);
        for (int i = 0; i < 5; i++)
            monitor.Poll();
        await monitor.DisposeAsync();
        // Told on the pool, in order: "Stopped" is the last.
        await log.Contains("Stopped").WaitAsync(Patience);
        log.Lines.Where(line => line.Contains("SignalMissing")).Should().ContainSingle().Which.Should().Contain("signal is missing");
    }

    [Test]
    public async Task Disposal_leaves_relaxed_mode_before_it_gives_quiesce_back()
    {
        TestNode node = _bed.AddNode("leaver").Polled();
        long epoch = node.Cache.Epoch;
        bool? relaxedAtUnlock = null;
        node.Shard.BeforeOperation = call =>
        {
            if (call.Operation == ShardOperation.Unlock && call.Path == ControlFolder.QuiescePath)
                relaxedAtUnlock = node.Monitor.IsRelaxed(epoch) || node.IsRelaxed;
        };
        await node.Monitor.DisposeAsync();
        relaxedAtUnlock.Should().BeFalse();
        node.Shard.HeldLocks.Should().BeEmpty();
        node.Shard.OpenFileCount.Should().Be(0);
        await node.Monitor.DisposeAsync();
    }

    [Test]
    public async Task A_grant_that_arrives_after_disposal_does_not_make_the_node_relaxed_again()
    {
        TestNode node = _bed.AddNode("leaver").Polled();
        Task disposal = Task.CompletedTask;
        node.Shard.BeforeOperation = call =>
        {
            if (call.Operation != ShardOperation.Lock || call.Path != ControlFolder.SignalPath)
                return;
            // The poll is under way and the end of disposal waits for it; relaxed mode has to be over all the same.
            disposal = Task.Run(async () => await node.Monitor.DisposeAsync());
            node.Monitor.WaitForModeAsync(LockMode.Strict).Wait(Patience);
        };
        node.Polled();
        bool relaxedAfterwards = node.IsRelaxed;
        await disposal.WaitAsync(Patience);
        relaxedAfterwards.Should().BeFalse();
        node.Shard.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public async Task Disposal_stops_the_thread_that_sleeps()
    {
        var monitor = new SignalFileLockMonitor(_shard, _cache);
        await monitor.FirstPoll.WaitAsync(Patience);
        await monitor.DisposeAsync();
        _shard.HeldLocks.Should().BeEmpty();
        _shard.OpenFileCount.Should().Be(0);
        await FluentActions.Awaiting(() => monitor.WaitForModeAsync(LockMode.Strict)).Should().NotThrowAsync();
    }

    [Test]
    public async Task A_file_system_that_hangs_leaves_the_node_strict_by_the_clock_and_does_not_hold_disposal_up()
    {
        var monitor = new SignalFileLockMonitor(_shard, _cache);
        await monitor.FirstPoll.WaitAsync(Patience);
        await _shard.Clock.WaitForTimersAsync(2).WaitAsync(Patience);
        monitor.IsRelaxed(_cache.Epoch).Should().BeTrue();
        using var hang = new ManualResetEventSlim();
        var hangs = new TaskCompletionSource();
        _shard.Faults.OnLock(ControlFolder.SignalPath).Once().Delay(() =>
        {
            hangs.SetResult();
            hang.Wait();
        });
        try
        {
            _bed.Advance(1.5);
            await hangs.Task.WaitAsync(Patience);
            _bed.Advance(1.5);
            monitor.IsRelaxed(_cache.Epoch).Should().BeFalse();
            monitor.State.Reason.Should().Be(ModeReason.LeaseRanOut);
            await monitor.DisposeAsync().AsTask().WaitAsync(Patience);
        }
        finally
        {
            hang.Set();
        }
        monitor.IsRelaxed(_cache.Epoch).Should().BeFalse();
    }

    [Test]
    public void A_directory_that_is_no_shard_is_refused_at_once()
    {
        InMemoryNode node = new InMemoryCluster().AddNode("lost");
        FluentActions.Invoking(() => new SignalFileLockMonitor(node, _cache)).Should().Throw<NotAShardException>();
    }

    [Test]
    public void Options_out_of_range_are_refused() =>
        FluentActions.Invoking(() => new SignalFileLockMonitor(_shard, _cache, new SignalFileOptions { PollInterval = TimeSpan.Zero }))
            .Should().Throw<ArgumentOutOfRangeException>();

    private sealed class ListLogger : ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IEnumerable<string> Lines => _lines;

        public Task Contains(string _) => _stopped.Task;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? failure, Func<TState, Exception?, string> format)
        {
            string line = format(state, failure);
            _lines.Enqueue(line);
            if (line.Contains("Stopped"))
                _stopped.TrySetResult();
        }
    }
}
