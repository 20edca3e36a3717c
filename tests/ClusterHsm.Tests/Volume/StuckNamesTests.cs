using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Names in the control folder that can be listed and neither be looked at, opened nor deleted: GlusterFS was seen to leave such after faults.</summary>
public sealed class StuckNamesTests
{
    private const string Stuck = ControlFolder.Name + "/orphans-0123456789abcdef0123456789abcdef";

    private VolumeInMemory _cluster = null!;

    [SetUp]
    public void MakeStuckName()
    {
        _cluster = new VolumeInMemory();
        InMemoryNode shard = _cluster.Migrator.Shard;
        shard.Open(Stuck, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        shard.Faults.When(static info => info.Path == Stuck).Fail(ShardError.DeadHandle);
    }

    [TearDown]
    public void RemoveCluster() => _cluster.Dispose();

    [Test]
    public async Task Do_not_end_migrations()
    {
        byte[] bytes = await _cluster.ArchiveAsync();

        MigrationSummary released = await _cluster.ReleaseAsync();

        released.Released.Should().Be(1);
        (await _cluster.AddNode("node").Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Do_not_end_sweeps()
    {
        IObjectWriter orphan = await _cluster.Store.CreateAsync(ObjectKey.New(_cluster.Migrator.Monitor.Descriptor.ShardId), 1);
        await using (orphan)
            await orphan.CommitAsync(CommitDurability.Immediate);

        for (int i = 0; i < 2; i++)
            (await _cluster.PumpAsync(_cluster.Migrator.Volume.SweepAsync())).Orphans.Should().Be(1);

        _cluster.Migrator.Shard.ReadDirectory(ControlFolder.Name).Select(static entry => entry.Name).Where(static name => name.StartsWith("orphans"))
            .Should().BeEquivalentTo("orphans", Path.GetFileName(Stuck));
    }
}
