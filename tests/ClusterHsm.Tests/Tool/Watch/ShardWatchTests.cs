using ClusterHsm.Coordination;
using ClusterHsm.Testing;
using ClusterHsm.Tool.Watch;
using FluentAssertions;
using NUnit.Framework;
using static ClusterHsm.Tests.Tool.Watch.Parties;

namespace ClusterHsm.Tests.Tool.Watch;

/// <summary>What follows from one look after the other.</summary>
public sealed class ShardWatchTests
{
    private ManualTimeProvider _clock = null!;
    private ShardWatch _watch = null!;

    [SetUp]
    public void MakeWatch()
    {
        _clock = new ManualTimeProvider();
        _watch = new ShardWatch("/mnt/shared", _clock);
    }

    [Test]
    public void Rates_are_those_between_the_last_two_reports_of_a_node_by_its_own_clock()
    {
        See(Node("a", counters: new NodeCounters { Hits = 1000, Misses = 10 }, secondsAgo: 10)).Rows.Single().Rates.Should().BeNull();
        Pass(2);
        See(Node("a", counters: new NodeCounters { Hits = 1000, Misses = 10 }, secondsAgo: 10)).Rows.Single().Rates.Should().BeNull();
        Pass(2);

        NodeInfo reported = Node("a", counters: new NodeCounters { Hits = 2980, Misses = 20, Looks = 10, RecalledBytes = 5000 });
        WatchRow row = See(reported).Rows.Single();
        Pass(2);
        WatchRow same = See(reported).Rows.Single();

        row.Rates.Should().Be(new WatchRates(198, 1, 1, 500));
        row.Rates!.Value.HitShare.Should().Be(0.99);
        same.Rates.Should().Be(row.Rates, "the node has not written since");
    }

    [Test]
    public void A_clock_that_was_set_back_gives_no_rate()
    {
        See(Node("a", counters: new NodeCounters { Hits = 10 }));
        See(Node("a", counters: new NodeCounters { Hits = 20 }, secondsAgo: 60)).Rows.Single().Rates.Should().BeNull();
    }

    [Test]
    public void A_node_of_an_older_version_has_no_rates_and_is_listed()
    {
        See(Node("a") with { Counters = null, Reason = null });
        Pass(10);
        WatchState state = See(Node("a") with { Counters = null, Reason = null, Polls = 110, LastWritten = Now + TimeSpan.FromSeconds(10) });

        state.Rows.Single().Should().BeEquivalentTo(new { State = PartyState.Relaxed, Rates = (WatchRates?)null });
        state.Rates.Should().BeNull();
    }

    [Test]
    public void A_node_that_holds_quiesce_is_in_the_way_only_while_a_migrator_waits()
    {
        See(HandoverPhase.None, Node("a")).Rows.Single().InTheWay.Should().BeNull();
        See(HandoverPhase.Waiting, Node("a"), Migrator("m")).Rows[0].InTheWay.Should().Be(TimeSpan.Zero);
        Pass(4);
        WatchState waiting = See(HandoverPhase.Waiting, Node("a"), Migrator("m"));
        WatchState left = See(HandoverPhase.Releasing, Node("a", LockMode.Strict), Migrator("m"));

        waiting.Rows[0].Should().BeEquivalentTo(new { Party = new { Host = "a" }, InTheWay = TimeSpan.FromSeconds(4) });
        waiting.PhaseFor.Should().Be(TimeSpan.FromSeconds(4));
        left.Rows.Should().OnlyContain(static row => row.InTheWay == null);
        left.PhaseFor.Should().Be(TimeSpan.Zero);
    }

    [Test]
    public void A_node_that_has_not_written_for_half_a_minute_is_silent_until_it_writes()
    {
        See(Node("a"));
        Pass(30);
        See(Node("a")).Rows.Single().State.Should().Be(PartyState.Relaxed);
        Pass(1);
        See(Node("a")).Rows.Single().Should().BeEquivalentTo(new { State = PartyState.Silent, Unchanged = TimeSpan.FromSeconds(31) });
        See(Node("a") with { Polls = 101 }).Rows.Single().State.Should().Be(PartyState.Relaxed);
    }

    [Test]
    public void A_migrator_is_never_silent()
    {
        See(Migrator("m"));
        Pass(3600);
        See(Migrator("m")).Rows.Single().State.Should().Be(PartyState.Migrator);
    }

    [Test]
    public void A_node_that_has_gone_is_shown_for_a_while_and_is_no_node_any_more()
    {
        See(Node("a"), Node("b"));
        Pass(2);
        WatchState state = See(Node("b"));
        state.Rows.Select(static row => (row.Party.Host, row.State)).Should().Equal(("b", PartyState.Relaxed), ("a", PartyState.Gone));
        Pass(15);
        See(Node("b")).Rows.Should().HaveCount(2);
        Pass(1);
        See(Node("b")).Rows.Should().ContainSingle();
    }

    [Test]
    public void A_node_that_is_back_is_not_gone()
    {
        See(Node("a"));
        Pass(2);
        See();
        Pass(2);
        See(Node("a") with { Polls = 101 }).Rows.Single().State.Should().Be(PartyState.Relaxed);
    }

    [Test]
    public void A_file_that_cannot_be_read_for_once_changes_nothing()
    {
        NodeInfo node = Node("a");
        See(node);
        See(new NodeInfo { Id = node.Id, IsAlive = true, HoldsQuiesce = true }).Rows.Single().Should()
            .BeEquivalentTo(new { State = PartyState.Relaxed, Party = new { Host = "a", Polls = 100L } });
    }

    [Test]
    public void A_file_that_never_could_be_read_is_told_of() =>
        See(new NodeInfo { Id = "torn", IsAlive = true }).Rows.Single().State.Should().Be(PartyState.Unknown);

    [Test]
    public void Those_in_the_way_come_first_then_migrators_then_those_with_trouble()
    {
        See(HandoverPhase.Waiting, Node("silent") with { HoldsQuiesce = false });
        Pass(40);
        WatchState state = See(HandoverPhase.Waiting,
            Node("relaxed") with { HoldsQuiesce = false }, Node("strict", LockMode.Strict), Node("silent") with { HoldsQuiesce = false },
            Migrator("migrator"), Node("blocking"));

        state.Rows.Select(static row => row.Party.Host).Should().Equal("blocking", "migrator", "silent", "strict", "relaxed");
    }

    [Test]
    public void A_look_that_fails_keeps_what_was_seen()
    {
        See(Node("a"));
        Pass(2);

        WatchState state = _watch.Miss("the server is gone");

        state.Failure.Should().Be("the server is gone");
        state.Unanswered.Should().BeNull();
        state.Rows.Should().ContainSingle();
    }

    [Test]
    public void While_there_is_no_answer_it_is_told_since_when()
    {
        See(Node("a"));
        Pass(12);

        _watch.Miss(null).Unanswered.Should().Be(TimeSpan.FromSeconds(12));
    }

    private WatchState See(params IReadOnlyList<NodeInfo> parties) => See(HandoverPhase.None, parties);

    private WatchState See(HandoverPhase phase, params IReadOnlyList<NodeInfo> parties) => _watch.See(Sight(phase, parties));

    private void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
}
