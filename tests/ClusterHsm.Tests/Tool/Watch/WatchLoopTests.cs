using ClusterHsm.Testing;
using ClusterHsm.Tool.Watch;
using FluentAssertions;
using NUnit.Framework;
using static ClusterHsm.Tests.Tool.Watch.Parties;

namespace ClusterHsm.Tests.Tool.Watch;

/// <summary>Looking again and again, also at a file system that fails or hangs.</summary>
public sealed class WatchLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _clock = new();
    private readonly List<WatchState> _shown = [];

    [SetUp]
    public void Forget() => _shown.Clear();

    [Test]
    public async Task It_looks_as_often_as_it_is_told_to_at_the_pace_of_the_interval()
    {
        TimeSpan begun = _clock.Elapsed;

        await PumpAsync(Loop(static () => Sight(HandoverPhase.None)), 3);

        _shown.Should().HaveCount(3);
        (_clock.Elapsed - begun).Should().BeGreaterThanOrEqualTo(2 * Interval);
    }

    [Test]
    public async Task A_first_look_that_fails_ends_it()
    {
        Func<Task> run = () => Loop(static () => throw Gone()).RunAsync(Interval, null, CancellationToken.None);

        await run.Should().ThrowAsync<ShardFailureException>();
        _shown.Should().BeEmpty();
    }

    [Test]
    public async Task A_later_look_that_fails_is_shown_and_the_next_one_is_taken()
    {
        int looks = 0;

        await PumpAsync(Loop(() => ++looks == 2 ? throw Gone() : Sight(HandoverPhase.None)), 3);

        _shown.Select(static state => state.Failure is not null).Should().Equal(false, true, false);
    }

    [Test]
    public async Task A_last_look_that_fails_is_the_failure_of_all()
    {
        int looks = 0;
        Func<Task> run = () => PumpAsync(Loop(() => ++looks == 2 ? throw Gone() : Sight(HandoverPhase.None)), 2);

        await run.Should().ThrowAsync<ShardFailureException>();
        _shown.Should().ContainSingle();
    }

    [Test]
    public async Task A_look_that_hangs_is_told_of_and_ends_at_once_when_cancelled()
    {
        using CancellationTokenSource cancel = new();
        using ManualResetEventSlim hang = new();
        int looks = 0;
        WatchLoop loop = Loop(() =>
        {
            if (++looks > 1)
                hang.Wait();
            return Sight(HandoverPhase.None, Node("a"));
        });
        Task running = loop.RunAsync(Interval, null, cancel.Token);
        while (_shown.Count < 1)
            await Task.Delay(1);
        while (_shown.Count < 3)
            await StepAsync();

        loop.IsLooking.Should().BeTrue();
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => running.WaitAsync(Patience)).Should().ThrowAsync<OperationCanceledException>();
        hang.Set();

        looks.Should().Be(2, "a second look would hang as well");
        _shown[1].Unanswered.Should().BeGreaterThan(TimeSpan.FromSeconds(4));
        _shown[2].Unanswered.Should().BeGreaterThan(_shown[1].Unanswered!.Value);
        _shown[2].Rows.Should().ContainSingle();
    }

    private WatchLoop Loop(Func<ShardSight> look) => new(look, new ShardWatch("/mnt/shared", _clock), new Recorder(_shown), _clock);

    private static ShardFailureException Gone() => new("/mnt/shared", "the server is gone", "See to it");

    /// <summary>Moves the time while nothing but the time is waited for.</summary>
    private async Task PumpAsync(WatchLoop loop, long count)
    {
        Task running = loop.RunAsync(Interval, count, CancellationToken.None);
        while (!running.IsCompleted)
        {
            if (loop.IsLooking || _clock.TimerCount == 0)
                await Task.Delay(1);
            else
                await StepAsync();
        }
        await running;
    }

    private async Task StepAsync()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        await Task.Delay(1);
    }

    private sealed class Recorder(List<WatchState> shown) : IWatchView
    {
        public void Show(WatchState state) => shown.Add(state);

        public void Dispose()
        {
        }
    }
}
