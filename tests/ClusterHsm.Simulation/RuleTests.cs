using System.Reflection;
using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Simulation;

/// <summary>The simulation can fail: with any one rule of the protocol broken it finds the damage.</summary>
[TestFixture]
public sealed class RuleTests
{
    /// <summary>No rule needs a third of it; the sooner the damage shows, the sooner the test is done.</summary>
    private const int MostSeeds = 6000;

    private static IEnumerable<string> All => typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(rule => rule.Name);

    [TestCaseSource(nameof(All))]
    public void Without_this_rule_a_promise_is_broken(string rule)
    {
        FieldInfo field = typeof(Rules).GetField(rule)!;
        field.SetValue(null, false);
        try
        {
            for (int seed = 0; seed < MostSeeds; seed++)
            {
                Outcome outcome = ClusterSimulation.Play(seed);
                if (outcome.Failure is not { } failure)
                    continue;
                TestContext.Out.WriteLine($"{rule}: caught at seed {seed}: {failure.Split('\n')[0]}");
                ClusterSimulation.Play(seed).Fingerprint.Should().Be(outcome.Fingerprint, "the same seed plays the same history");
                return;
            }
            Assert.Fail($"{MostSeeds} histories without {rule} have broken no promise: the simulation does not show what the rule is for.");
        }
        finally
        {
            field.SetValue(null, true);
        }
    }
}
