using System.IO.MemoryMappedFiles;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

// The scenarios in which a cluster file system can differ from a local one. Not here: service, cancellation and a full shard, which are
// matters of one process and its store.
namespace ClusterHsm.Tests.Cluster;

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecall : ScenariosOfRecall
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecallAndNames : ScenariosOfRecallAndNames
{
    /// <remarks>A client reaches a file by its gfid, which the brick forgets with the last name: the data is read, but no attribute and no time.</remarks>
    [Test]
    public override async Task Deleted_during_a_recall()
    {
        await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store, from: 1);
        Task<byte[]> reading = node.Volume.ReadAllAsync("f");
        await gate.Reached;

        File.Delete(Shard.PathOf("f"));
        gate.Open();

        await reading.Awaiting(static task => task).Should().ThrowAsync<ShardFailureException>().WithMessage("*ESTALE*the file was removed*");
        await node.Volume.Awaiting(static volume => volume.ReadAllAsync("f")).Should().ThrowAsync<HsmFileNotFoundException>();
        Shard.Objects().Should().ContainSingle("only a sweep deletes objects");
    }

    [TestCase(true)]
    public override Task A_handle_recalls_its_file_though_it_was_renamed_or_deleted_after_it_was_opened(bool isRenamed) =>
        base.A_handle_recalls_its_file_though_it_was_renamed_or_deleted_after_it_was_opened(isRenamed);

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRaces : ScenariosOfRaces
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfSessions : ScenariosOfSessions
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecords : ScenariosOfRecords
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

/// <remarks>A signature is over the inode number, which each client makes of the file's gfid by itself.</remarks>
[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfSignedRecords : ScenariosOfSignedRecords
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease, signRecords: true);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStoppedNodes : ScenariosOfStoppedNodes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfModes : ScenariosOfModes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfReaders : ScenariosOfReaders
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStubMaking : ScenariosOfStubMaking
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRelease : ScenariosOfRelease
{
    [Test]
    public async Task A_file_that_a_program_on_another_client_has_a_flock_on_is_not_released()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        Outcomes outcomes = new();

        using (File.OpenRead(Path.Combine(Shard.PlaceNode().Root, "f")))
            (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be("a node holds its lock: it is open for writing, or being read in strict mode");
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    /// <remarks>A kernel tells of the openers on its own computer, and an open that is no .NET program's takes no lock.</remarks>
    [Test]
    public async Task A_program_on_another_client_that_has_it_open_for_writing_is_not_seen_and_what_it_writes_is_neither_lost_nor_overwritten()
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        using ForeignShell shell = new(Shard.PlaceNode());
        shell.Run("exec 3<>f");

        // What it writes before the last look is seen by the file's time, whether it was archived before or is to be now.
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        shell.Run("printf one >&3");
        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Released.Should().Be(0);
        outcomes.Last.Reason.Should().Be("it was written after it was archived");
        byte[] first = [.. "one"u8, .. bytes[3..]];
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(first);

        // That it goes on to have it open keeps nothing: the file is released with what it wrote, and comes back with it.
        (await volume.MigrateAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Archived = 1L, Released = 1L });
        (await volume.ReadAllAsync("f")).Should().Equal(first);

        // What it writes into the stub is kept on the shard, the file in the store, and whoever reads is told.
        await volume.MakeStubAsync("f");
        shell.Run("printf two >&3");
        Func<Task> reading = () => volume.ReadAllAsync("f");
        await reading.Should().ThrowAsync<ForeignDataException>().WithMessage("*no recall wrote*");
        (await volume.RecallAsync(["f"])).Failures.Single().Error.Should().BeOfType<ForeignDataException>();
        volume.GetStatus("f").State.Should().Be(FileState.Released);
        File.ReadAllBytes(Shard.PathOf("f"))[..8].Should().Equal([0, 0, 0, .. "two"u8, 0, 0], "no release and no recall touches it");
        Shard.Objects().Select(File.ReadAllBytes).Should().ContainSingle(stored => stored.SequenceEqual(first));

        // The way out that the error names.
        shell.Run("exec 3>&-; fallocate --punch-hole --length 5000 f");
        (await volume.ReadAllAsync("f")).Should().Equal(first);
    }

    /// <remarks>Without a page cache there are no shared mappings.</remarks>
    [Test]
    public override Task A_writable_mapping_whose_file_was_closed_keeps_it_from_being_released()
    {
        Shard.Write("f", 5000);
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(Shard.PathOf("f"));

        file.Invoking(static mapped => mapped.CreateViewAccessor()).Should().Throw<IOException>().WithMessage("No such device*");
        return Task.CompletedTask;
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfState : ScenariosOfState
{
    [Test]
    public override Task A_write_makes_the_copy_stale_and_a_stale_copy_is_never_released(
        [Values("append", "overwrite", "truncate", "truncate to nothing", "grow")] string how, [Values] bool throughTheLibrary) =>
        base.A_write_makes_the_copy_stale_and_a_stale_copy_is_never_released(how, throughTheLibrary);

    /// <remarks>Without a page cache there are no shared mappings.</remarks>
    [TestCase(true)]
    public override Task A_mapping_that_was_dirtied_before_and_after_archive_is_noticed(bool isStillMapped)
    {
        Shard.Write("f", 10_000);
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(Shard.PathOf("f"));

        file.Invoking(static mapped => mapped.CreateViewAccessor()).Should().Throw<IOException>().WithMessage("No such device*");
        return Task.CompletedTask;
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfArchive : ScenariosOfArchive
{
    /// <remarks>Not ten thousand: each is made durable by itself here, so that would take many minutes and show no more.</remarks>
    private protected override int Many => 100;

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfFilesThatChange : ScenariosOfFilesThatChange
{
    /// <remarks>
    /// Not by a mapping: without a page cache there are no shared mappings. Nor by a deletion, after which nobody can ask the file that was
    /// open for its record (ESTALE).
    /// </remarks>
    [Test]
    public override Task A_file_that_changes_while_it_is_copied_is_given_up_and_no_record_and_no_object_is_left(
        [Values("overwrite", "time set back", "append", "truncate", "chmod", "rename")] string how, [Values] bool atTheEnd) =>
        base.A_file_that_changes_while_it_is_copied_is_given_up_and_no_record_and_no_object_is_left(how, atTheEnd);

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRemoval : ScenariosOfRemoval
{
    /// <remarks>Not without end: a pass of the scan takes longer than a move here, and a sweep goes on until a pass finds no folder changed.</remarks>
    private protected override int MostMoves => 200;

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStubAccess : ScenariosOfStubAccess
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStubsElsewhere : ScenariosOfStubsElsewhere
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecallFailures : ScenariosOfRecallFailures
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}
