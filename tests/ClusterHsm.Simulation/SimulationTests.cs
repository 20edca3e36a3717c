using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Simulation;

/// <summary>Random histories of a whole cluster.</summary>
/// <remarks>
/// A failure prints its seed and the history around it. <c>CLUSTERHSM_SEED=n dotnet test tests/ClusterHsm.Simulation --filter Every_read</c>
/// plays that seed alone.
/// </remarks>
[TestFixture]
public sealed class SimulationTests
{
    private const int SeedsOfAPart = 400;

    [Test]
    public void Every_read_is_right_and_no_acknowledged_write_is_lost([Range(0, 9)] int part)
    {
        var sum = new Tally();
        long began = Stopwatch.GetTimestamp();
        int played = 0;
        foreach (int seed in Seeds(part))
        {
            Outcome outcome = ClusterSimulation.Play(seed);
            if (outcome.Failure is not null)
                Assert.Fail(outcome.Failure);
            sum.Add(outcome.Tally);
            played++;
        }
        TestContext.Out.WriteLine($"{played} seeds, {played / Stopwatch.GetElapsedTime(began).TotalSeconds:0} a second: {sum}");
        if (played < SeedsOfAPart)
            return;
        // A cluster in which nothing happens breaks no promise.
        new[] { sum.RelaxedReads, sum.StrictReads, sum.Writes, sum.Archived, sum.Released, sum.Recalled, sum.Pauses, sum.LostLocks, sum.Crashes }
            .Should().OnlyContain(count => count > SeedsOfAPart / 4, $"{sum} must show something");
    }

    [Test]
    public void The_same_seed_plays_the_same_history([Range(1, 20)] int seed) =>
        ClusterSimulation.Play(seed).Fingerprint.Should().Be(ClusterSimulation.Play(seed).Fingerprint);

    private static IEnumerable<int> Seeds(int part)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("CLUSTERHSM_SEED"), out int only))
            return part == 0 ? [only] : [];
        return Enumerable.Range(part * SeedsOfAPart, SeedsOfAPart);
    }
}
