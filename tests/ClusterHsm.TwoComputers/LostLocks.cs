using ClusterHsm.Coordination;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>A file system whose server is known to lose locks (CephFS): strict, and nothing is migrated.</summary>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LostLocks : NodeScenarioFixture
{
    [Test]
    public async Task A_node_stays_strict_nothing_is_migrated_and_the_error_says_why()
    {
        byte[] bytes = Shard.Write("f", 100_000);
        await using HsmVolume here = await Shard.OpenAsync(new HsmVolumeOptions());

        here.Monitor!.Poll();
        here.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.LocksNotShared });
        Func<Task> migrating = () => here.MigrateAsync(["f"], LocalShard.AtOnce);
        (await migrating.Should().ThrowAsync<ShardNotSupportedException>()).WithMessage("*fuse.ceph-fuse*can lose a lock*");
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
