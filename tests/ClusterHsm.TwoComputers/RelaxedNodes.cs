using ClusterHsm.Coordination;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>A file system on which nodes may be relaxed.</summary>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RelaxedNodes : NodeScenarioFixture
{
    [Test]
    public async Task Both_computers_become_relaxed_and_leave_it_for_a_migrator_on_the_other()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        NodeChild there = await StartNodeAsync();
        await using HsmVolume here = await Shard.OpenAsync(new HsmVolumeOptions());
        await there.AskAsync("await", LockMode.Relaxed);
        await here.Monitor!.WaitForModeAsync(LockMode.Relaxed);

        (await there.AskAsync("migrate", "f")).Should().Contain("released=1");

        here.GetStatus("f").State.Should().Be(FileState.Released);
        (await here.ReadAllAsync("f")).Should().Equal(bytes);
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
