using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Which files become stubs, and what a stub keeps of its file.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRelease : NodeScenarioFixture
{
    private const string OpenForWriting = "a program has it open for writing";

    [Test]
    public async Task A_migrated_file_keeps_size_times_mode_and_inode_gives_its_blocks_back_and_recalls_byte_for_byte()
    {
        byte[] bytes = Shard.Write("a/b.bin", 3_000_001);
        await using HsmVolume volume = await Shard.OpenAsync();
        ShardFileInfo before = volume.GetStatus("a/b.bin").Info;

        MigrationSummary summary = await volume.MigrateAsync(["a/b.bin"], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Archived = 1L, Released = 1L, Failed = 0L, BytesFreed = 3_000_001L, Handovers = 1 });
        FileStatus stub = volume.GetStatus("a/b.bin");
        stub.State.Should().Be(FileState.Released);
        stub.AllocatedBytes.Should().BeLessThanOrEqualTo(4096);
        (stub.Size, stub.Info.Modified, stub.Info.Mode, stub.Info.UserId, stub.Info.Identity)
            .Should().Be((before.Size, before.Modified, before.Mode, before.UserId, before.Identity));

        (await volume.ReadAllAsync("a/b.bin")).Should().Equal(bytes);
        FileStatus back = volume.GetStatus("a/b.bin");
        (back.State, back.Info.Modified, back.Size).Should().Be((FileState.Archived, before.Modified, before.Size));
    }

    [Test]
    public async Task What_is_not_archived_stale_or_pinned_is_refused_with_the_reason()
    {
        foreach (string name in (string[])["plain", "stale", "pinned", "empty"])
            Shard.Write(name, name == "empty" ? 0 : 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["stale", "pinned"], LocalShard.AtOnce);
        volume.Pin("pinned");
        await Shard.TickAsync();
        File.AppendAllText(Shard.PathOf("stale"), "more");

        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["plain", "stale", "pinned", "empty"], outcomes.AtOnce)).Should()
            .BeEquivalentTo(new { Released = 0L, Skipped = 4L, Handovers = 0 });

        outcomes.All.Select(o => (o.Path, o.Action, o.Reason)).Should().BeEquivalentTo(new[]
        {
            ("plain", FileAction.Skipped, "it is not archived"),
            ("stale", FileAction.Skipped, "it was written after it was archived"),
            ("pinned", FileAction.Skipped, "it is pinned"),
            ("empty", FileAction.Skipped, "it is not archived"),
        });
        volume.EnumerateStatus("").Should().NotContain(status => status.IsStub);
    }

    [Test]
    public async Task A_file_that_is_pinned_during_the_handover_is_not_released()
    {
        Shard.Write("f", 5000);
        await using HookedVolume hooked = new(Shard);
        await hooked.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        hooked.Shard.OpeningToWrite = path => hooked.Volume.Pin(path);

        Outcomes outcomes = new();
        (await hooked.Volume.ReleaseAsync(["f"], outcomes.AtOnce)).Released.Should().Be(0);

        outcomes.Last.Reason.Should().Be("it is pinned");
    }

    [Test]
    public async Task The_data_is_not_given_up_when_the_object_is_gone_or_the_record_is_another_shards()
    {
        byte[] bytes = Shard.Write("lost", 5000);
        Shard.Write("copied", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["lost", "copied"], LocalShard.AtOnce);
        using (IShardFile file = volume.Shard.Open("copied", ShardOpenOptions.ReadWrite))
            FileRecord.Write(file, volume.GetStatus("copied").Record! with { ShardId = Guid.NewGuid() }, RecordSeal.None);
        string objectOfLost = volume.GetStatus("lost").ObjectKey!.Value.ObjectId.ToString("N");
        File.Delete(Directory.GetFiles(Shard.StoreFolder, objectOfLost, SearchOption.AllDirectories).Single());

        MigrationSummary summary = await volume.ReleaseAsync(["lost", "copied"], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L, Failed = 1L });
        summary.Failures.Single().Error.Should().BeOfType<ObjectMissingException>();
        File.ReadAllBytes(Shard.PathOf("lost")).Should().Equal(bytes);
        (await volume.ArchiveAsync(["copied"], LocalShard.AtOnce)).Archived.Should().Be(1);
    }

    [Test]
    public async Task Size_times_owner_mode_ACL_and_other_attributes_are_kept_as_a_stub_and_after_recall_and_the_blocks_are_freed()
    {
        byte[] bytes = Shard.Write("f", 3_000_001);
        string path = Shard.PathOf("f");
        await using HookedVolume hooked = new(Shard);
        HsmVolume volume = hooked.Volume;
        Syscall.setxattr(path, "user.text", "value"u8.ToArray()).Should().Be(0);
        Syscall.setxattr(path, "user.binary", [0, 255, 10]).Should().Be(0);
        if (Environment.IsPrivilegedProcess)
            Syscall.chown(path, 1234, 2345).Should().Be(0);
        Syscall.chmod(path, (FilePermissions)0x1A8).Should().Be(0); // 0650
        bool hasAcl = Syscall.setxattr(path, "system.posix_acl_access", AclOf4242()) == 0;
        using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
            file.SetTimes(new ShardTimestamp(1_500_000_000, 123_456_789), new ShardTimestamp(-1_000, 987_654_321));
        object[] before = [];
        hooked.Shard.OpeningToWrite = _ => before = Facts(); // archive has read the file, so its access time may have moved

        (await volume.MigrateAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
        before.Should().Contain(new ShardTimestamp(-1_000, 987_654_321));
        Facts().Should().Equal(before);
        volume.GetStatus("f").AllocatedBytes.Should().BeLessThanOrEqualTo(4096);
        await volume.RecallAsync(["f"], LocalShard.AtOnce);
        Facts().Should().Equal(before);
        File.ReadAllBytes(path).Should().Equal(bytes);
        if (!hasAcl)
            Assert.Ignore("The file system of the temporary folder keeps no ACL; all the rest was kept.");

        object[] Facts()
        {
            ShardFileInfo info = volume.GetStatus("f").Info;
            return [info.Identity, info.Size, info.Modified, info.Accessed, info.UserId, info.GroupId, info.Mode,
                Attribute("user.text"), Attribute("user.binary"), Attribute("system.posix_acl_access")];
        }

        string Attribute(string name) => Syscall.getxattr(path, name, out byte[] value) < 0 ? "none" : Convert.ToHexString(value);
    }

    /// <remarks>The kernel takes them away when the data is written, and whoever recalls may not be able to give them back.</remarks>
    [TestCase("set-user-ID")]
    [TestCase("set-group-ID")]
    [TestCase("capabilities")]
    public async Task A_program_that_gives_rights_to_those_who_run_it_is_not_released_and_keeps_them(string rights)
    {
        Shard.Write("f", 5000);
        string path = Shard.PathOf("f");
        // struct vfs_cap_data, revision 2: CAP_NET_BIND_SERVICE (linux/capability.h).
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute
            | (rights switch { "set-user-ID" => UnixFileMode.SetUser, "set-group-ID" => UnixFileMode.SetGroup, _ => UnixFileMode.None });
        File.SetUnixFileMode(path, mode);
        if (rights == "capabilities" && Syscall.setxattr(path, "security.capability", capability) != 0)
            Assert.Ignore("Giving a program capabilities needs root and a file system that keeps them.");
        await using HsmVolume volume = await Shard.OpenAsync();

        Outcomes outcomes = new();
        (await volume.MigrateAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Archived = 1L, Released = 0L, Skipped = 1L, Handovers = 0 });

        outcomes.Last.Reason.Should().Be("it is a program with set-ID bits or capabilities, which it would lose");
        volume.GetStatus("f").Info.Mode.Should().Be(mode);
        if (rights == "capabilities")
        {
            Syscall.getxattr(path, "security.capability", out byte[] kept).Should().Be(capability.Length);
            kept.Should().Equal(capability);
        }
    }

    [Test]
    public async Task Releasing_a_stub_again_does_nothing()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        FileStatus before = volume.GetStatus("f");

        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L, Handovers = 0 });
        (await volume.MigrateAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Archived = 0L, Released = 0L, Handovers = 0 });

        outcomes.All.Should().OnlyContain(outcome => outcome.Action == FileAction.AlreadyDone && outcome.Reason == "it is a stub");
        volume.GetStatus("f").Should().Be(before);
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task R7_a_file_that_is_open_for_writing_is_not_released_and_its_write_is_kept()
    {
        Shard.Write("f", 5000);
        await using HsmVolume writer = await Shard.OpenAsync();
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using HsmFile file = await writer.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });

        (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        await Shard.TickAsync();
        file.Write("kept"u8, 0);
        await file.DisposeAsync();

        MigrationSummary stale = await migrator.ReleaseAsync(["f"], LocalShard.AtOnce);
        stale.Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        (await migrator.ReadAllAsync("f"))[..4].Should().Equal("kept"u8.ToArray());
        migrator.GetStatus("f").HasStaleCopy.Should().BeTrue();
    }

    [Test]
    public async Task R7_a_node_in_another_process_that_has_it_open_for_writing_keeps_it_from_being_released()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync();
        await node.AskAsync("await", LockMode.Relaxed);
        (await node.AskAsync("open", "f", "f", "rw")).Should().Be($"{LockMode.Strict}");

        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        await node.AskAsync("close", "f");
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    /// <summary>Where the kernel does not tell of writers, the file's lock does.</summary>
    [Test]
    public async Task R7_the_lock_of_a_writer_keeps_the_file_from_being_released_though_the_kernel_tells_of_none()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using HookedVolume hooked = new(Shard);
        hooked.Shard.KernelTellsOfWriters = false;
        await using HsmFile writer = await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });

        Outcomes outcomes = new();
        (await hooked.Volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be("a node holds its lock: it is open for writing, or being read in strict mode");
    }

    [TestCase("exec 3<>f", "exec 3>&-")]
    [TestCase("exec 3>>f", "exec 3>&-")]
    [TestCase("sleep 100 >>f & pid=$!", "kill $pid; wait $pid || :")]
    public async Task A_program_in_another_process_that_has_it_open_for_writing_keeps_it_from_being_released(string open, string close)
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        using ForeignShell shell = new(Shard);
        shell.Run(open);

        Outcomes outcomes = new();
        (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be(OpenForWriting);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
        shell.Run(close);
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    /// <remarks>Between the mark and the hole lies the time that the mark needs to be durable.</remarks>
    [Test]
    public async Task A_write_between_the_mark_and_the_hole_is_noticed_and_kept_where_the_kernel_keeps_nobody_out()
    {
        byte[] bytes = Shard.Write("f", 5000);
        await Shard.TickAsync();
        await using HookedVolume hooked = new(Shard);
        hooked.Shard.KernelTellsOfWriters = false;
        await hooked.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        using ForeignShell shell = new(Shard.PlaceNode());
        shell.Run("exec 3<>f");
        bool isMarked = false, isWritten = false;
        hooked.Shard.Changing = (what, path) =>
        {
            if (path == "f" && isMarked && !isWritten && what == "flush")
            {
                isWritten = true;
                shell.Run("printf kept >&3");
            }
            isMarked |= path == "f" && what == "write record";
        };

        Outcomes outcomes = new();
        (await hooked.Volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be("it was written while it was released");
        byte[] kept = [.. "kept"u8, .. bytes[4..]];
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(kept);
        hooked.Volume.GetStatus("f").HasStaleCopy.Should().BeTrue();
        shell.Run("exec 3>&-");
        (await hooked.Volume.MigrateAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Archived = 1L, Released = 1L });
        (await hooked.Volume.ReadAllAsync("f")).Should().Equal(kept);
    }

    [Test]
    public virtual async Task A_writable_mapping_whose_file_was_closed_keeps_it_from_being_released()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        Outcomes outcomes = new();
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(Shard.PathOf("f"));
        using (file.CreateViewAccessor())
        {
            file.Dispose();
            (await volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        }

        outcomes.Last.Reason.Should().Be(OpenForWriting);
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    [Test]
    public async Task Size_and_time_are_right_at_each_step_of_a_release()
    {
        Shard.Write("f", 100_000);
        await using HookedVolume hooked = new(Shard);
        await hooked.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await Shard.TickAsync();
        FileStatus before = hooked.Volume.GetStatus("f");
        HashSet<(FileState, long, ShardTimestamp)> seen = [];
        bool wasForeign = false;
        hooked.Shard.Changing = (_, path) =>
        {
            if (path != "f")
                return;
            wasForeign |= hooked.Volume.Shard.GetInfo("f")!.Value.Modified != before.Info.Modified;
            foreach (FileStatus status in (FileStatus[])[hooked.Volume.GetStatus("f"), hooked.Volume.EnumerateStatus("").Single()])
                seen.Add((status.State, status.Size, status.Info.Modified));
        };

        await hooked.Volume.MakeStubAsync("f");

        wasForeign.Should().BeTrue("a plain stat can see the time of the punch");
        seen.Should().BeEquivalentTo(new[]
        {
            (FileState.Archived, 100_000L, before.Info.Modified),
            (FileState.Released, 100_000L, before.Info.Modified),
        });
    }

    [Test]
    public async Task A_hundred_cycles_of_archive_release_and_recall_keep_the_file_identical_and_copy_it_once()
    {
        using LocalShard shard = NewShard(TimeSpan.FromMilliseconds(100));
        byte[] bytes = shard.Write("f", 100_001);
        File.SetUnixFileMode(shard.PathOf("f"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupExecute);
        await using HsmVolume volume = await shard.OpenAsync();
        ShardFileInfo before = volume.GetStatus("f").Info;
        for (int cycle = 1; cycle <= 100; cycle++)
        {
            await volume.MakeStubAsync("f");
            (await volume.ReadAllAsync("f")).Should().Equal(bytes);
            ShardFileInfo after = volume.GetStatus("f").Info;
            (after.Identity, after.Size, after.Modified, after.Mode, after.UserId, after.GroupId, after.LinkCount)
                .Should().Be((before.Identity, before.Size, before.Modified, before.Mode, before.UserId, before.GroupId, before.LinkCount));
        }
        volume.GetStatus("f").Record!.ReleaseCount.Should().BeGreaterThanOrEqualTo(100, "a mark that is taken back because the handover was lost counts, too");
        shard.Objects().Should().ContainSingle("an unchanged file is copied once");
    }

    [Test]
    public async Task A_read_only_mount_refuses_by_name_and_still_reads_stubs_through()
    {
        Shard.Write("f", 5000);
        byte[] bytes = Shard.Write("stub", 5000);
        await using (HsmVolume writable = await Shard.OpenAsync())
        {
            await writable.ArchiveAsync(["f"], LocalShard.AtOnce);
            await writable.MigrateAsync(["stub"], LocalShard.AtOnce);
        }
        string mountPoint = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "read-only");
        using Mount mount = Mount.ReadOnly(Shard.Root, mountPoint);
        await using HsmVolume volume = await HsmVolume.OpenAsync(mountPoint, LocalShard.OutsideTheCluster);

        foreach (Func<Task<MigrationSummary>> attempt in (Func<Task<MigrationSummary>>[])
            [() => volume.MigrateAsync(["f"]), () => volume.ArchiveAsync(["f"]), () => volume.ReleaseAsync(["f"])])
        {
            ReadOnlyShardException refusal = (await attempt.Should().ThrowAsync<ReadOnlyShardException>()).Which;
            refusal.Message.Should().StartWith(mountPoint).And.Contain("mounted read-only here");
        }
        (await volume.RecallAsync(["stub"])).Failures.Single().Error.Should().BeOfType<ReadOnlyShardException>();
        (await volume.ReadAllAsync("stub")).Should().Equal(bytes);
        volume.GetStatus("stub").State.Should().Be(FileState.Released);
    }

    [Test]
    public async Task A_user_without_write_permission_on_the_signal_file_is_no_migrator_and_is_told_so()
    {
        const uint Nobody = 65534;
        byte[] bytes = Shard.Write("f", 5000);
        string signal = Shard.PathOf(".clusterhsm/signal");
        bool isRoot = Environment.IsPrivilegedProcess;
        if (isRoot)
        {
            // All is theirs but the signal file.
            using ForeignShell shell = new(Shard);
            shell.Run($"chown -R {Nobody}:{Nobody} .. '{Shard.StoreFolder}/..' && chmod 0755 .. '{Shard.StoreFolder}/..' && chown 0:0 .clusterhsm/signal");
        }
        File.SetUnixFileMode(signal, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        NodeChild node = await StartNodeAsync(isRoot ? [$"uid={Nobody}"] : []);

        Func<Task> migrating = () => node.AskAsync("migrate", "f");

        (await migrating.Should().ThrowAsync<NodeChildException>()).WithMessage(
            $"error {nameof(HsmAccessDeniedException)} */.clusterhsm/signal: write permission on the signal and quiesce files is what makes a migrator, "
            + "and it is missing. Ask the owner of the shard for it, or run as a user who has it.");
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
        Shard.Objects().Should().BeEmpty("nothing is copied for a release that cannot be");
    }

    /// <summary>rw for the owner and for the user 4242, r for the group and the mask rw (struct posix_acl_xattr_header and _entry).</summary>
    private static byte[] AclOf4242()
    {
        const uint Nobody = uint.MaxValue;
        using MemoryStream acl = new();
        using BinaryWriter writer = new(acl);
        writer.Write(2);
        foreach ((ushort tag, ushort permission, uint id) in ((ushort, ushort, uint)[])[(1, 6, Nobody), (2, 6, 4242), (4, 4, Nobody), (16, 6, Nobody), (32, 0, Nobody)])
        {
            writer.Write(tag);
            writer.Write(permission);
            writer.Write(id);
        }
        writer.Flush();
        return acl.ToArray();
    }
}
