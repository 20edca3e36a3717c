using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A writer that is stopped between its lock and its look at the mark, or while it truncates (the first was found by the simulation); and stubs that were truncated.</summary>
[TestFixture]
public sealed class SlowLookTests
{
    [Test]
    public async Task R11_a_write_whose_look_outlasted_the_lease_locks_and_looks_again_before_it_writes()
    {
        TestBed bed = new();
        TestNode node = bed.AddNode("writer").Polled();
        node.Shard.Open("f", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        await using HsmVolume volume = new(node.Shard, node.Cache, node.Monitor, LockModePolicy.Default, new InMemoryStore());
        await using HsmFile file = await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });
        bed.Advance(bed.Lease.TotalSeconds + 1);
        bool stopped = false;
        bool? heldItsLock = null;
        StopOnce(node.Shard, ShardOperation.ReadAttribute, () =>
        {
            stopped = true;
            bed.Advance(bed.Lease.TotalSeconds + 1);
            node.Shard.LoseLocks();
        });
        node.Shard.BeforeOperation += info =>
        {
            if (info.Path == "f" && info.Operation == ShardOperation.Write)
                heldItsLock = node.Shard.HeldLocks.Any(held => held.Path == "f");
        };

        await file.WriteAsync(new byte[] { 1 }, 0);

        (stopped, heldItsLock).Should().Be((true, (bool?)true));
    }

    [TestCase(ShardOperation.ReadAttribute)]
    [TestCase(ShardOperation.SetLength)]
    public async Task R11_a_file_that_became_a_stub_while_a_truncating_writer_was_stopped_is_truncated_all_the_same(ShardOperation stoppedBefore)
    {
        byte[] written = [1, 2, 3];
        using VolumeInMemory cluster = new();
        MemoryNode writer = cluster.AddNode("writer");
        await cluster.ArchiveAsync();
        bool isOver = false;
        StopOnce(writer.Shard, stoppedBefore, () =>
        {
            isOver = true;
            cluster.Advance(cluster.Lease + TimeSpan.FromSeconds(1));
            writer.Shard.LoseLocks();
            Release(cluster.Migrator.Shard);
        });

        await using (HsmFile file = await writer.Volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = FileMode.Truncate }))
            await file.WriteAsync(written, 0);

        isOver.Should().BeTrue();
        cluster.Migrator.Volume.GetStatus("f").State.Should().Be(FileState.Regular);
        (await cluster.Migrator.Volume.ReadAllAsync("f")).Should().Equal(written);
    }

    /// <summary>Found by the simulation: it marked the other's stub as its own, and took that back, so that the hole was data.</summary>
    [Test]
    public async Task R11_a_migrator_that_is_stopped_before_its_mark_leaves_what_another_has_released_meanwhile()
    {
        using VolumeInMemory cluster = new();
        byte[] bytes = await cluster.ArchiveAsync();
        MemoryNode other = cluster.AddNode("other", isPolled: false);
        bool isLastLook = false;
        cluster.Migrator.Shard.BeforeOperation = info => isLastLook |= info.Operation == ShardOperation.ExcludeOpeners;
        StopOnce(cluster.Migrator.Shard, ShardOperation.ReadAttribute, () =>
        {
            cluster.Advance(cluster.Lease + TimeSpan.FromSeconds(1));
            cluster.Migrator.Shard.LoseLocks();
            Release(other.Shard);
        }, () => isLastLook);

        await cluster.ReleaseAsync();

        isLastLook.Should().BeTrue();
        other.Volume.GetStatus("f").State.Should().Be(FileState.Released);
        (await other.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    /// <summary>A program that does not use the library has truncated a stub, and this library writes it: the old record is of no use.</summary>
    [Test]
    public async Task What_is_written_to_a_stub_that_was_truncated_by_a_program_is_not_taken_for_a_stub()
    {
        byte[] written = [1, 2, 3];
        using VolumeInMemory cluster = new();
        MemoryNode writer = cluster.AddNode("writer");
        await cluster.ArchiveAsync();
        Release(cluster.Migrator.Shard);
        using (IShardFile file = cluster.Migrator.Shard.Open("f", ShardOpenOptions.ReadWrite))
            file.SetLength(0);

        await using (HsmFile file = await writer.Volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite }))
            await file.WriteAsync(written, 0);

        cluster.Migrator.Volume.GetStatus("f").State.Should().NotBe(FileState.Released);
        (await cluster.Migrator.Volume.ReadAllAsync("f")).Should().Equal(written);
    }

    /// <summary>What a migrator does to a file under a handover, in so far as others can see it.</summary>
    private static void Release(IShardFileSystem migrator)
    {
        using IShardFile file = migrator.Open("f", ShardOpenOptions.ReadWrite);
        FileRecord.Write(file, FileRecord.Read(file, "f", RecordSeal.None)! with { State = FileState.Released, ReleaseCount = 1 }, RecordSeal.None);
        file.PunchHole(0, file.GetInfo().Size);
    }

    private static void StopOnce(InMemoryNode node, ShardOperation before, Action stop, Func<bool>? isTime = null)
    {
        bool wasStopped = false;
        node.BeforeOperation += info =>
        {
            if (info.Path != "f" || info.Operation != before || wasStopped || isTime?.Invoke() == false)
                return;
            wasStopped = true;
            stop();
        };
    }
}
