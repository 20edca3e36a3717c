using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>A migrator that is held up between the copy and its record: a sweep may have taken the copy for an orphan.</summary>
public sealed class ArchiverSweepTests
{
    [TestCase(ShardOperation.Lock, TestName = "Held up before the record is written")]
    [TestCase(ShardOperation.WriteAttribute, TestName = "Held up while the record is written")]
    public async Task A_copy_that_waited_for_its_record_for_half_the_grace_time_is_thrown_away(ShardOperation heldUpAt)
    {
        TestBed bed = new();
        InMemoryNode node = bed.Cluster.AddNode("migrator");
        using (IShardFile file = node.Open("f", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create))
            file.Write(new byte[5000], 0);
        bed.Advance(60);
        InMemoryStore store = new();
        node.BeforeOperation = info =>
        {
            if (info.Operation == heldUpAt && store.CommitCount > 0)
            {
                bed.Advance(SweepOptions.MinGraceTime.TotalSeconds / 2 + 1);
                node.BeforeOperation = null;
            }
        };
        OutcomeTally tally = new(null);
        MigrationContext context = new(node, bed.Descriptor, () => store, TimeSpan.Zero, 1);

        (await new Archiver(context, new MigrationOptions(), tally, thenReleased: false).ArchiveAsync(["f"], CancellationToken.None)).Should().BeEmpty();

        tally.Summary.Should().BeEquivalentTo(new { Archived = 0L, Skipped = 1L, Failed = 0L });
        store.Keys.Should().BeEmpty();
        node.BeforeOperation.Should().BeNull("it was held up");
        StatusReader.Read(node, RecordSeal.None, "f").State.Should().Be(FileState.Regular);
    }
}
