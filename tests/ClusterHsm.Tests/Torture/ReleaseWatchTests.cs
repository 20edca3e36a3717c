using ClusterHsm.Torture;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Torture;

/// <summary>The torture tells that nothing is released any more from all that only looks like it.</summary>
[TestFixture]
public sealed class ReleaseWatchTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1), Step = TimeSpan.FromSeconds(1);

    private ReleaseWatch _watch = null!;
    private TimeSpan _now;
    private long _releases, _inVain;

    [SetUp]
    public void MakeWatch() => (_watch, _now, _releases, _inVain) = (new ReleaseWatch(Lease), TimeSpan.Zero, 0, 0);

    [Test]
    public void While_files_are_released_now_and_then_nothing_is_suspect_however_many_sessions_fail()
    {
        for (int i = 0; i < 20; i++)
        {
            Pass(_watch.Patience / 2, sessionsInVain: 1000).Should().Be(ReleaseVerdict.Fine);
            _releases++;
        }
        _watch.LongestPause.Should().BeCloseTo(_watch.Patience / 2, Step);
    }

    [Test]
    public void While_a_fault_is_under_way_it_is_suspect_and_never_judged()
    {
        Pass(_watch.Patience, sessionsInVain: 0, isFaulty: true).Should().Be(ReleaseVerdict.Suspect);

        Pass(_watch.LongestCalm * 10, sessionsInVain: 10_000, isFaulty: true).Should().Be(ReleaseVerdict.Suspect);
    }

    [Test]
    public void Sessions_that_try_in_vain_for_long_without_a_fault_are_told()
    {
        Pass(_watch.Patience).Should().Be(ReleaseVerdict.Suspect);

        Pass(_watch.LeastCalm - Step * 2, ReleaseWatch.LeastSessions).Should().Be(ReleaseVerdict.Suspect, "time is wanted, not only sessions");
        Pass(Step * 2).Should().Be(ReleaseVerdict.Stalled);
    }

    [Test]
    public void Sessions_from_before_the_calm_do_not_count()
    {
        Pass(_watch.Patience, sessionsInVain: 1000, isFaulty: true);
        Pass(Step);
        Pass(_watch.LeastCalm * 2, ReleaseWatch.LeastSessions - 1).Should().Be(ReleaseVerdict.Suspect);

        Pass(Step, sessionsInVain: 1).Should().Be(ReleaseVerdict.Stalled);
    }

    [Test]
    public void A_fault_in_the_calm_begins_it_anew()
    {
        Pass(_watch.Patience);
        Pass(_watch.LeastCalm / 2, sessionsInVain: 1000);
        Pass(Step, isFaulty: true).Should().Be(ReleaseVerdict.Suspect);

        Pass(_watch.LeastCalm - Step, ReleaseWatch.LeastSessions).Should().Be(ReleaseVerdict.Suspect);
    }

    [Test]
    public void One_release_clears_it_of_all_suspicion()
    {
        Pass(_watch.Patience);
        Pass(_watch.LeastCalm - Step * 2, sessionsInVain: 1000).Should().Be(ReleaseVerdict.Suspect);
        _releases++;

        Pass(Step).Should().Be(ReleaseVerdict.Fine);
        Pass(_watch.Patience - Step * 2, sessionsInVain: 1000).Should().Be(ReleaseVerdict.Fine);
    }

    [Test]
    public void A_machine_so_slow_that_few_sessions_end_and_migrators_with_nothing_to_release_are_let_off()
    {
        Pass(_watch.Patience).Should().Be(ReleaseVerdict.Suspect);
        Pass(_watch.LongestCalm - Step * 2, ReleaseWatch.LeastSessions - 1).Should().Be(ReleaseVerdict.Suspect);

        Pass(Step * 2).Should().Be(ReleaseVerdict.Fine, "faults go on");
        Pass(_watch.Patience).Should().Be(ReleaseVerdict.Suspect, "it is looked at again");
        _watch.LongestPause.Should().BeGreaterThan(_watch.LongestCalm, "nothing was released all the time");
    }

    [Test]
    public void A_long_lease_is_given_time_for_its_handovers()
    {
        _watch = new ReleaseWatch(TimeSpan.FromSeconds(60));

        Pass(TimeSpan.FromSeconds(600), sessionsInVain: 1000).Should().Be(ReleaseVerdict.Fine);
    }

    /// <summary>Time goes by in steps, with a look after each; sessions end in the first of them, before the look.</summary>
    /// <returns>The last verdict.</returns>
    private ReleaseVerdict Pass(TimeSpan time, long sessionsInVain = 0, bool isFaulty = false)
    {
        ReleaseVerdict verdict = ReleaseVerdict.Fine;
        for (TimeSpan end = _now + time; _now < end;)
        {
            _now += Step;
            _inVain += sessionsInVain;
            sessionsInVain = 0;
            verdict = _watch.Look(_now, _releases, _inVain, isFaulty);
        }
        return verdict;
    }
}
