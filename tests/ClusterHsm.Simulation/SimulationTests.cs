using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Simulation;

/// <summary>Random histories of a whole cluster. The seed that a failure prints, given to <see cref="ClusterSimulation.Play"/>, plays it again.</summary>
[TestFixture]
public sealed class SimulationTests
{
    private const int Seeds = 400;

    [Test]
    public void Every_read_is_right_and_nothing_is_lost([Range(0, 9)] int part)
    {
        var sum = new Tally();
        long began = Stopwatch.GetTimestamp();
        for (int seed = part * Seeds; seed < (part + 1) * Seeds; seed++)
        {
            Outcome outcome = ClusterSimulation.Play(seed);
            Assert.That(outcome.Failure, Is.Null);
            sum.Add(outcome.Tally);
        }
        TestContext.Out.WriteLine($"{Seeds / Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} seeds/s; {sum}");
    }

    [Test]
    public void The_same_seed_plays_the_same_history([Values(1, 2, 3, 4, 5)] int seed) =>
        ClusterSimulation.Play(seed).Fingerprint.Should().Be(ClusterSimulation.Play(seed).Fingerprint);
}
