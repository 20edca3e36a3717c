using ClusterHsm.Migration;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>When one act that serves many begins.</summary>
public sealed class GroupCommitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _clock = new();
    private readonly List<int[]> _served = [];
    private GroupCommit<object> _group = null!;

    [SetUp]
    public void MakeGroup()
    {
        _served.Clear();
        _group = new GroupCommit<object>(_clock, (items, _) =>
        {
            _served.Add([.. items.Cast<int>()]);
            return ValueTask.CompletedTask;
        });
    }

    [Test]
    public void Who_is_alone_is_served_at_once()
    {
        using IDisposable announced = _group.Announce();

        _group.CommitAsync(1).IsCompleted.Should().BeTrue();
        _group.CommitAsync(2).IsCompleted.Should().BeTrue();

        _served.Should().BeEquivalentTo([new[] { 1 }, [2]]);
    }

    [Test]
    public async Task It_begins_when_half_of_those_announced_have_come()
    {
        using IDisposable announced = _group.Announce(6);
        Task first = _group.CommitAsync(1), second = _group.CommitAsync(2);

        first.IsCompleted.Should().BeFalse();
        Task third = _group.CommitAsync(3);

        await Task.WhenAll(first, second, third).WaitAsync(Patience);
        _served.Should().BeEquivalentTo([new[] { 1, 2, 3 }]);
    }

    [Test]
    public async Task Those_who_leave_are_not_waited_for()
    {
        using IDisposable announced = _group.Announce(2);
        IDisposable other = _group.Announce(3);
        Task first = _group.CommitAsync(1);
        first.IsCompleted.Should().BeFalse();

        other.Dispose();
        other.Dispose();

        await first.WaitAsync(Patience);
        _served.Should().BeEquivalentTo([new[] { 1 }]);
    }

    [Test]
    public async Task Those_who_are_held_up_are_waited_for_only_for_a_while()
    {
        using IDisposable announced = _group.Announce(100);
        Task first = _group.CommitAsync(1), second = _group.CommitAsync(2);

        _clock.Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(first, second).WaitAsync(Patience);
        _served.Should().BeEquivalentTo([new[] { 1, 2 }]);
    }

    [Test]
    public async Task Any_number_who_come_one_while_the_other_is_served_need_no_deeper_stack()
    {
        const int count = 50_000;
        GroupCommit<object>? group = null;
        List<Task> next = [];
        group = new GroupCommit<object>(_clock, (_, _) =>
        {
            lock (next)
            {
                if (next.Count < count)
                    next.Add(group!.CommitAsync(next.Count));
            }
            return ValueTask.CompletedTask;
        });

        await group.CommitAsync(0);
        for (int i = 0; i < count; i++)
        {
            Task one;
            lock (next)
                one = next[i]; // made before the one before it was done
            await one.WaitAsync(Patience);
        }

        next.Should().HaveCount(count);
    }

    [Test]
    public async Task A_failure_is_told_to_all_but_those_who_have_one_of_their_own()
    {
        GroupCommit<object> failing = new(_clock, (items, fail) =>
        {
            fail(items[0], new IOException("this one"));
            throw new IOException("all");
        });
        using IDisposable announced = failing.Announce(4);
        Task first = failing.CommitAsync(1), second = failing.CommitAsync(2);

        (await first.Awaiting(task => task).Should().ThrowAsync<IOException>()).WithMessage("this one");
        (await second.Awaiting(task => task).Should().ThrowAsync<IOException>()).WithMessage("all");
    }
}
