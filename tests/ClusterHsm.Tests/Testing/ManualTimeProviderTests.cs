using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Testing;

[TestFixture]
public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _fired = [];
    private ManualTimeProvider _clock = null!;

    [SetUp]
    public void MakeClock()
    {
        _clock = new ManualTimeProvider();
        _fired.Clear();
    }

    [Test]
    public void The_clock_stands_still_until_it_is_moved()
    {
        long start = _clock.GetTimestamp();
        _clock.GetTimestamp().Should().Be(start);
        DateTimeOffset now = _clock.GetUtcNow();
        _clock.Advance(2.5 * Second);
        _clock.GetElapsedTime(start).Should().Be(2.5 * Second);
        _clock.GetUtcNow().Should().Be(now + 2.5 * Second);
        _clock.Elapsed.Should().Be(2.5 * Second);
    }

    [Test]
    public void It_does_not_go_back() =>
        _clock.Invoking(c => c.Advance(-Second)).Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void Timers_fire_in_the_order_they_are_due_each_at_its_own_instant_on_this_thread()
    {
        int thread = Environment.CurrentManagedThreadId;
        using ITimer late = Timer("late", 3 * Second), early = Timer("early", Second), second = Timer("early too", Second);
        using ITimer never = Timer("never", Timeout.InfiniteTimeSpan), beyond = Timer("beyond", 5 * Second);
        using ITimer onThread = _clock.CreateTimer(
            _ => Environment.CurrentManagedThreadId.Should().Be(thread), null, Second, Timeout.InfiniteTimeSpan);
        _clock.Advance(4 * Second);
        _fired.Should().Equal("early at 1", "early too at 1", "late at 3");
    }

    [Test]
    public void A_periodic_timer_fires_every_period()
    {
        using ITimer timer = Timer("tick", Second, 2 * Second);
        _clock.Advance(6 * Second);
        _fired.Should().Equal("tick at 1", "tick at 3", "tick at 5");
        timer.Change(Second, Timeout.InfiniteTimeSpan);
        _clock.Advance(10 * Second);
        _fired.Should().HaveCount(4).And.EndWith("tick at 7");
    }

    [Test]
    public void A_timer_that_a_callback_sets_inside_the_span_fires_too()
    {
        ITimer? inner = null;
        using ITimer outer = _clock.CreateTimer(_ => inner = Timer("inner", Second), null, Second, Timeout.InfiniteTimeSpan);
        _clock.Advance(2 * Second);
        _fired.Should().Equal("inner at 2");
        inner!.Dispose();
    }

    [Test]
    public void A_disposed_timer_does_not_fire()
    {
        ITimer timer = Timer("gone", Second);
        timer.Dispose();
        timer.Change(Second, Second).Should().BeFalse();
        _clock.Advance(2 * Second);
        _fired.Should().BeEmpty();
        _clock.TimerCount.Should().Be(0);
    }

    [Test]
    public async Task Delays_and_timeouts_of_the_runtime_run_on_it()
    {
        Task delay = Task.Delay(Second, _clock);
        using var source = new CancellationTokenSource(2 * Second, _clock);
        _clock.NextTimerIn.Should().Be(Second);
        _clock.Advance(Second);
        await delay;
        source.IsCancellationRequested.Should().BeFalse();
        _clock.Advance(Second);
        source.IsCancellationRequested.Should().BeTrue();
    }

    [Test]
    public async Task One_can_wait_until_the_code_under_test_sleeps()
    {
        Task sleeping = _clock.WaitForTimersAsync();
        sleeping.IsCompleted.Should().BeFalse();
        Task delay = Task.Run(() => Task.Delay(Second, _clock));
        await sleeping;
        _clock.Advance(Second);
        await delay;
    }

    [Test]
    public async Task A_timer_that_is_due_at_once_does_not_wait_for_the_clock()
    {
        var fired = new TaskCompletionSource();
        await using ITimer timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task;
    }

    [Test]
    public void A_cluster_moves_all_clocks_each_at_its_rate()
    {
        var cluster = new InMemoryCluster();
        InMemoryNode right = cluster.AddNode("right"), fast = cluster.AddNode("fast", new InMemoryNodeOptions { ClockRate = 1.01 });
        InMemoryNode slow = cluster.AddNode("slow", new InMemoryNodeOptions { ClockRate = 0.5 });
        for (int i = 0; i < 100; i++)
            cluster.Advance(Second);
        right.Clock.Elapsed.Should().Be(100 * Second);
        fast.Clock.Elapsed.Should().BeCloseTo(101 * Second, TimeSpan.FromTicks(2));
        slow.Clock.Elapsed.Should().Be(50 * Second);
        cluster.Clock.Elapsed.Should().Be(100 * Second);
    }

    [Test]
    public void What_is_left_of_a_tick_is_not_lost()
    {
        var cluster = new InMemoryCluster();
        InMemoryNode slow = cluster.AddNode("slow", new InMemoryNodeOptions { ClockRate = 0.25 });
        for (int i = 0; i < 400; i++)
            cluster.Advance(TimeSpan.FromTicks(1));
        slow.Clock.Elapsed.Should().Be(TimeSpan.FromTicks(100));
    }

    [Test]
    public void A_cluster_fires_the_timers_of_all_nodes_in_the_order_they_are_due()
    {
        var cluster = new InMemoryCluster();
        InMemoryNode a = cluster.AddNode("a"), b = cluster.AddNode("b", new InMemoryNodeOptions { ClockRate = 2 });
        var fired = new List<string>();
        using ITimer timerA = a.Clock.CreateTimer(_ => fired.Add("a"), null, 2 * Second, 2 * Second);
        using ITimer timerB = b.Clock.CreateTimer(_ => fired.Add("b"), null, 2 * Second, 4 * Second); // at 1, 3, 5 of the cluster
        cluster.Advance(5 * Second);
        fired.Should().Equal("b", "a", "b", "a", "b");
    }

    private ITimer Timer(string name, TimeSpan due, TimeSpan? period = null) =>
        _clock.CreateTimer(_ => _fired.Add($"{name} at {_clock.Elapsed.TotalSeconds}"), null, due, period ?? Timeout.InfiniteTimeSpan);
}
