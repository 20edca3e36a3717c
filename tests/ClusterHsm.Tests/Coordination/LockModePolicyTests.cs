using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class LockModePolicyTests
{
    [TestCase(LockMode.Strict)]
    [TestCase(LockMode.Relaxed)]
    public void The_default_follows_the_protocol(LockMode allowed) =>
        LockModePolicy.Default.Resolve(Context(allowed, 0)).Should().Be(allowed);

    [Test]
    public void Always_strict_is_never_relaxed() =>
        LockModePolicy.AlwaysStrict.Resolve(Context(LockMode.Relaxed, 1e6)).Should().Be(LockMode.Strict);

    [TestCase(LockMode.Relaxed, 4.9, LockMode.Strict)]
    [TestCase(LockMode.Relaxed, 5, LockMode.Relaxed)]
    [TestCase(LockMode.Strict, 500, LockMode.Strict)]
    public void Hysteresis_waits_for_a_calm_time(LockMode allowed, double seconds, LockMode expected) =>
        LockModePolicy.RelaxedAfter(TimeSpan.FromSeconds(5)).Resolve(Context(allowed, seconds)).Should().Be(expected);

    [Test]
    public void A_calm_time_cannot_be_negative() =>
        FluentActions.Invoking(() => LockModePolicy.RelaxedAfter(TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void No_policy_can_relax_what_the_protocol_forbids() =>
        new Reckless().Resolve(Context(LockMode.Strict, 0)).Should().Be(LockMode.Strict);

    [Test]
    public void A_policy_that_throws_makes_the_access_strict() =>
        new Throwing().Resolve(Context(LockMode.Relaxed, 0)).Should().Be(LockMode.Strict);

    [Test]
    public void The_monitor_tells_how_long_the_mode_has_lasted_without_a_break()
    {
        var bed = new TestBed();
        TestNode node = bed.AddNode("reader").Polled();
        for (int i = 0; i < 5; i++)
        {
            bed.Advance(1);
            node.Polled();
        }
        node.Monitor.GetContext(default).Should().BeEquivalentTo(new { Allowed = LockMode.Relaxed, InModeFor = TimeSpan.FromSeconds(5) });
        bed.Advance(10);
        node.Monitor.GetContext(default).Should().BeEquivalentTo(new { Allowed = LockMode.Strict, InModeFor = TimeSpan.FromSeconds(7) });
        node.Polled().Monitor.GetContext(default).InModeFor.Should().Be(TimeSpan.Zero, "the sleep was a break");
    }

    private static LockModeContext Context(LockMode allowed, double seconds) => new()
    {
        Allowed = allowed,
        InModeFor = TimeSpan.FromSeconds(seconds),
        File = new FileIdentity(1, true),
    };

    private sealed class Reckless : LockModePolicy
    {
        public override LockMode Decide(in LockModeContext context) => LockMode.Relaxed;
    }

    private sealed class Throwing : LockModePolicy
    {
        public override LockMode Decide(in LockModeContext context) => throw new InvalidOperationException();
    }
}
