using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

/// <summary>The choice of an interval for many nodes.</summary>
public sealed class SignalFileOptionsTests
{
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    [TestCase(1, 3, 1.0)]
    [TestCase(1000, 3, 1.0)]
    [TestCase(1000, 30, 1.0)]
    [TestCase(5000, 30, 5.0)]
    [TestCase(10_000, 30, 10.0)]
    public void At_most_one_node_holds_the_signal_at_an_instant(int nodes, int leaseSeconds, double seconds)
    {
        SignalFileOptions options = SignalFileOptions.ForNodes(nodes, OneMillisecond, TimeSpan.FromSeconds(leaseSeconds));

        (options.Request, options.PollInterval).Should().Be((SignalRequest.LockAndUnlock, TimeSpan.FromSeconds(seconds)));
    }

    [TestCase(1001, 3)]
    [TestCase(10_001, 30)]
    [TestCase(int.MaxValue, 3)]
    public void Where_no_interval_is_long_enough_nodes_ask_without_taking(int nodes, int leaseSeconds)
    {
        SignalFileOptions options = SignalFileOptions.ForNodes(nodes, OneMillisecond, TimeSpan.FromSeconds(leaseSeconds));

        (options.Request, options.PollInterval).Should().Be((SignalRequest.Query, TimeSpan.FromSeconds(leaseSeconds) / 3));
    }

    [Test]
    public void A_short_lease_makes_the_interval_short()
    {
        SignalFileOptions options = SignalFileOptions.ForNodes(10, OneMillisecond, TimeSpan.FromMilliseconds(300));

        (options.Request, options.PollInterval).Should().Be((SignalRequest.LockAndUnlock, TimeSpan.FromMilliseconds(100)));
    }

    [TestCase(0, 1, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(1, 1, 0)]
    public void Nothing_is_chosen_for_no_nodes_or_no_time(int nodes, int roundTrip, int lease) =>
        FluentActions.Invoking(() => SignalFileOptions.ForNodes(nodes, TimeSpan.FromTicks(roundTrip), TimeSpan.FromTicks(lease)))
            .Should().Throw<ArgumentOutOfRangeException>();
}
