using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>What leaves an archived file archived, what makes its copy stale, and that a stale copy is never all there is.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfState : ScenarioFixture
{
    private const string Stale = "it was written after it was archived";

    [TestCase("chmod")]
    [TestCase("chown")]
    [TestCase("rename")]
    [TestCase("move to another folder")]
    [TestCase("hard link")]
    [TestCase("extended attribute")]
    [TestCase("read")]
    public async Task A_change_that_leaves_the_data_alone_leaves_a_file_archived_and_releasable(string change)
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        string name = "f", path = Shard.PathOf("f");
        switch (change)
        {
            case "chmod":
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                break;
            case "chown":
                if (!Environment.IsPrivilegedProcess)
                    Assert.Ignore("Giving a file to another user needs root.");
                Syscall.chown(path, 1234, 2345).Should().Be(0);
                break;
            case "hard link":
                Syscall.link(path, Shard.PathOf("g")).Should().Be(0);
                break;
            case "extended attribute":
                Syscall.setxattr(path, "user.other", "value"u8.ToArray()).Should().Be(0);
                break;
            case "read":
                File.ReadAllBytes(path).Should().Equal(bytes);
                break;
            default:
                name = change == "rename" ? "g" : "d/g";
                Directory.CreateDirectory(Shard.PathOf("d"));
                File.Move(path, Shard.PathOf(name));
                break;
        }

        FileStatus status = volume.GetStatus(name);
        (status.State, status.HasStaleCopy).Should().Be((FileState.Archived, false));
        (await volume.ArchiveAsync([name], LocalShard.AtOnce)).Archived.Should().Be(0);
        (await volume.ReleaseAsync([name], LocalShard.AtOnce)).Released.Should().Be(1);
        (await volume.ReadAllAsync(name)).Should().Equal(bytes);
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public virtual async Task A_write_makes_the_copy_stale_and_a_stale_copy_is_never_released(
        [Values("append", "overwrite", "truncate", "truncate to nothing", "grow", "mapping")] string how, [Values] bool throughTheLibrary)
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        if (how == "mapping")
            await WriteByMappingAsync(volume, throughTheLibrary);
        else if (throughTheLibrary)
            await WriteByLibraryAsync(volume, how);
        else
            WriteByAnotherProgram(how);
        byte[] written = File.ReadAllBytes(Shard.PathOf("f"));
        written.Should().NotEqual(bytes);

        FileStatus status = volume.GetStatus("f");
        (status.State, status.HasStaleCopy).Should().Be((FileState.Regular, true));
        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L, Handovers = 0 });
        outcomes.Last.Reason.Should().Be(Stale);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(written);
    }

    [Test]
    public async Task A_changed_file_that_is_archived_again_gets_a_new_object_and_the_old_one_stays()
    {
        byte[] old = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        string first = Shard.Objects().Single();
        await Shard.TickAsync();
        await WriteByLibraryAsync(volume, "overwrite");
        byte[] changed = File.ReadAllBytes(Shard.PathOf("f"));

        (await volume.ArchiveAsync(["f"], LocalShard.AtOnce)).Archived.Should().Be(1);

        string second = Shard.Objects().Single(name => name != first);
        File.ReadAllBytes(first).Should().Equal(old);
        File.ReadAllBytes(second).Should().Equal(changed);
        second.Should().EndWith(volume.GetStatus("f").ObjectKey!.Value.ObjectId.ToString("N"));
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
        (await volume.ReadAllAsync("f")).Should().Equal(changed);
    }

    [Test]
    public async Task Opening_for_writing_without_writing_leaves_the_copy_good([Values] bool throughTheLibrary)
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        if (throughTheLibrary)
            await (await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite })).DisposeAsync();
        else
            await new FileStream(Shard.PathOf("f"), FileMode.Open, FileAccess.ReadWrite).DisposeAsync();

        volume.GetStatus("f").State.Should().Be(FileState.Archived);
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_write_whose_mtime_was_set_back_is_found_by_its_digest_before_release()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        WriteAndSetTheTimeBack(volume);

        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        outcomes.Last.Reason.Should().Be("its data is not what was archived; archive it again");
    }

    [Test]
    public async Task A_write_in_the_tick_in_which_archive_ends_is_noticed() =>
        await WriteWhileArchiveReports(() => WriteByAnotherProgram("overwrite"), Stale);

    [Test]
    public async Task A_write_whose_mtime_was_set_back_while_archive_reports_is_found_by_its_digest()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await WriteWhileArchiveReports(() =>
        {
            Shard.TickAsync().GetAwaiter().GetResult();
            WriteAndSetTheTimeBack(volume);
        }, "its data is not what was archived; archive it again");
    }

    [Test]
    public virtual async Task A_mapping_that_was_dirtied_before_and_after_archive_is_noticed([Values] bool isStillMapped)
    {
        Shard.Write("f", 10_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        if (volume.Shard.Capabilities.FileSystemType == "tmpfs")
            Assert.Ignore("tmpfs does not move a file's times when a page is written that is dirty already.");
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(Shard.PathOf("f"));
        MemoryMappedViewAccessor map = file.CreateViewAccessor();
        map.Write(100, 1L);
        (await volume.ArchiveAsync(["f"], LocalShard.AtOnce)).Archived.Should().Be(1);
        volume.GetStatus("f").State.Should().Be(FileState.Archived);
        await Shard.TickAsync();
        map.Write(100, 2L);
        if (!isStillMapped)
            Unmap();

        Outcomes outcomes = new();
        volume.GetStatus("f").HasStaleCopy.Should().BeTrue();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Released.Should().Be(0);
        outcomes.Last.Reason.Should().Be(Stale);
        if (isStillMapped)
            Unmap();
        BitConverter.ToInt64(File.ReadAllBytes(Shard.PathOf("f")), 100).Should().Be(2);

        void Unmap()
        {
            map.Dispose();
            file.Dispose();
        }
    }

    [Test]
    public async Task A_write_between_the_looks_before_the_handover_and_the_release_is_noticed([Values("overwrite", "time set back", "other file")] string how)
    {
        Shard.Write("f", 5000);
        await using HookedVolume hooked = new(Shard);
        HsmVolume volume = hooked.Volume;
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        byte[] written = [];
        hooked.Shard.OpeningToWrite = path =>
        {
            if (how == "overwrite")
                WriteByAnotherProgram(how);
            else if (how == "time set back")
                WriteAndSetTheTimeBack(volume);
            else
                File.Move(Write("other"), Shard.PathOf(path), overwrite: true);
            written = File.ReadAllBytes(Shard.PathOf(path));
        };

        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be(how switch
        {
            "overwrite" => Stale,
            "time set back" => "it changed since it was looked at",
            _ => "another file has its name now",
        });
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(written);

        string Write(string name)
        {
            Shard.Write(name, 5000);
            return Shard.PathOf(name);
        }
    }

    [Test]
    public async Task A_write_by_another_process_that_has_it_open_is_noticed_before_and_after_it_closes()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        using ForeignShell shell = new(Shard);
        shell.Run("exec 3<>f");
        Outcomes outcomes = new();
        await volume.ReleaseAsync(["f"], outcomes.AtOnce);
        outcomes.Last.Reason.Should().Be("a program has it open for writing");

        shell.Run("printf kept >&3");
        volume.GetStatus("f").HasStaleCopy.Should().BeTrue();
        shell.Run("exec 3>&-");
        await volume.ReleaseAsync(["f"], outcomes.AtOnce);

        outcomes.Last.Reason.Should().Be(Stale);
        File.ReadAllBytes(Shard.PathOf("f"))[..4].Should().Equal("kept"u8.ToArray());
    }

    /// <remarks>The settle time sees to it that what was archived is of an older tick than any write that follows.</remarks>
    private async Task WriteWhileArchiveReports(Action write, string reason)
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        byte[] written = [];
        Outcomes outcomes = new()
        {
            WhenReported = outcome =>
            {
                if (outcome.Action != FileAction.Archived)
                    return;
                write();
                using IShardFile file = volume.Shard.Open("f", ShardOpenOptions.Read);
                written = new byte[file.GetInfo().Size];
                file.Read(written, 0);
            },
        };

        MigrationSummary summary = await volume.MigrateAsync(["f"], new MigrationOptions { Progress = outcomes });

        summary.Should().BeEquivalentTo(new { Archived = 1L, Released = 0L, Skipped = 1L });
        outcomes.Last.Reason.Should().Be(reason);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(written);
    }

    private static async Task WriteByLibraryAsync(HsmVolume volume, string how)
    {
        await using HsmFile file = await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });
        switch (how)
        {
            case "append":
                file.Write("more"u8, file.Length);
                break;
            case "overwrite":
                file.Write("other"u8, 1000);
                break;
            default:
                file.SetLength(LengthAfter(how));
                break;
        }
    }

    private void WriteByAnotherProgram(string how)
    {
        // Not a FileStream, which takes a flock: where that is in one space with ranges, a migrator's locks keep it out.
        using IShardFileSystem node = ShardFileSystem.Open(Shard.PlaceNode().Root);
        using IShardFile file = node.Open("f", ShardOpenOptions.Write);
        if (how is "append" or "overwrite")
            file.Write("other"u8, how == "append" ? file.GetInfo().Size : 1000);
        else
            file.SetLength(LengthAfter(how));
    }

    private static int LengthAfter(string how) => how switch { "truncate" => 100, "grow" => 6000, _ => 0 };

    private async Task WriteByMappingAsync(HsmVolume volume, bool throughTheLibrary)
    {
        await using HsmFile? opened = throughTheLibrary ? await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite }) : null;
        using MemoryMappedFile file = opened is not null
            ? MemoryMappedFile.CreateFromFile(await opened.GetHandleAsync(), null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true)
            : MemoryMappedFile.CreateFromFile(Shard.PathOf("f"));
        using MemoryMappedViewAccessor map = file.CreateViewAccessor();
        map.Write(1000, 0x1234_5678_9ABC_DEF0);
    }

    private static void WriteAndSetTheTimeBack(HsmVolume volume)
    {
        using IShardFile sneaky = volume.Shard.Open("f", ShardOpenOptions.ReadWrite);
        ShardTimestamp modified = sneaky.GetInfo().Modified;
        sneaky.Write("sneaky"u8, 100);
        sneaky.SetTimes(modified, modified);
    }
}
