using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>What is removed from secondary storage, and when.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRemoval : ScenarioFixture
{
    private static readonly SweepOptions AtOnce = new() { SettleTime = TimeSpan.FromMilliseconds(20) };

    /// <summary>How often a file is moved at most while the shard is swept.</summary>
    private protected virtual int MostMoves => int.MaxValue;

    private string MarksFile => Shard.PathOf(".clusterhsm/orphans");

    [Test]
    public async Task Sweep_deletes_an_orphan_only_after_the_grace_time()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        byte[] kept = await MigrateAsync(volume, "kept");
        await MigrateAsync(volume, "deleted");
        File.Delete(Shard.PathOf("deleted"));

        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { IsComplete = true, Objects = 2L, Orphans = 1L, Due = 0L });
        Shard.LetOrphansAge(AtOnce.GraceTime - TimeSpan.FromMinutes(1));
        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { Orphans = 1L, Due = 0L });
        Shard.Objects().Should().HaveCount(2);
        Shard.LetOrphansAge(TimeSpan.FromMinutes(1));
        List<Orphan> told = [];
        (await volume.SweepAsync(AtOnce with { Progress = new Collector(told) }))
            .Should().BeEquivalentTo(new { Objects = 2L, Orphans = 1L, Due = 1L, BytesDue = 5000L });

        told.Should().ContainSingle().Which.IsDue.Should().BeTrue();
        Shard.Objects().Should().ContainSingle();
        (await volume.ReadAllAsync("kept")).Should().Equal(kept);
        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { Objects = 1L, Orphans = 0L });
        File.ReadAllLines(MarksFile).Should().ContainSingle("there is nothing left to remember");
    }

    [Test]
    public async Task An_object_that_gets_a_record_again_within_the_grace_time_is_no_orphan_any_more()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        byte[] bytes = await MigrateAsync(volume, "f");
        StubRecord record = volume.GetStatus("f").Record!;
        File.Delete(Shard.PathOf("f"));
        (await volume.SweepAsync(AtOnce)).Orphans.Should().Be(1);
        using (IShardFile restored = volume.Shard.Open("back", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create))
        {
            FileRecord.Write(restored, record, RecordSeal.None);
            restored.SetLength(record.Size);
        }
        Shard.LetOrphansAge(AtOnce.GraceTime);

        (await volume.SweepAsync(AtOnce)).Orphans.Should().Be(0);
        (await volume.ReadAllAsync("back")).Should().Equal(bytes);
        File.Delete(Shard.PathOf("back"));
        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { Orphans = 1L, Due = 0L }, "its time begins anew");
    }

    [Test]
    public async Task A_dry_run_deletes_nothing_and_lets_no_time_begin()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await MigrateAsync(volume, "f");
        File.Delete(Shard.PathOf("f"));

        (await volume.SweepAsync(AtOnce with { IsDryRun = true })).Should().BeEquivalentTo(new { Orphans = 1L, Due = 0L });
        File.Exists(MarksFile).Should().BeFalse();
        await volume.SweepAsync(AtOnce);
        Shard.LetOrphansAge(AtOnce.GraceTime);

        (await volume.SweepAsync(AtOnce with { IsDryRun = true })).Should().BeEquivalentTo(new { Orphans = 1L, Due = 1L });
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task Rearchiving_a_changed_file_makes_a_new_object_and_the_old_one_an_orphan()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        Shard.Write("f", 5000);
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        ObjectKey old = volume.GetStatus("f").ObjectKey!.Value;
        byte[] bytes = Shard.Write("f", 6000);
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);

        await volume.SweepAsync(AtOnce);
        Shard.LetOrphansAge(AtOnce.GraceTime);
        List<Orphan> told = [];
        await volume.SweepAsync(AtOnce with { Progress = new Collector(told) });

        told.Should().ContainSingle().Which.Object.Key.Should().Be(old);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Unlinking_one_of_two_hard_links_keeps_the_object()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        byte[] bytes = await MigrateAsync(volume, "f");
        Syscall.link(Shard.PathOf("f"), Shard.PathOf("g")).Should().Be(0);
        File.Delete(Shard.PathOf("f"));

        (await volume.SweepAsync(AtOnce)).Orphans.Should().Be(0);
        (await volume.ReadAllAsync("g")).Should().Equal(bytes);
    }

    [Test]
    public async Task An_archived_file_that_is_written_keeps_its_object_and_a_stub_that_is_emptied_does_not()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await MigrateAsync(volume, "written");
        await MigrateAsync(volume, "emptied");
        await volume.RecallAsync(["written"]);
        Shard.Write("written", 10);
        await using (HsmFile file = await volume.OpenFileAsync("emptied", new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = FileMode.Truncate }))
            file.Write("new"u8, 0);

        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { Objects = 2L, Orphans = 1L });
    }

    [Test]
    public async Task Sweep_deletes_nothing_when_a_record_cannot_be_believed()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await OrphanOverdueAsync(volume);
        Shard.Write("garbage", 10);
        using (IShardFile file = volume.Shard.Open("garbage", ShardOpenOptions.ReadWrite))
            file.WriteAttribute(StubRecord.AttributeName, "{not a record"u8);

        SweepSummary summary = await volume.SweepAsync(AtOnce);

        summary.Should().BeEquivalentTo(new { IsComplete = false, Orphans = 0L, Due = 0L });
        summary.Gaps.Should().ContainSingle().Which.Path.Should().Be(Shard.PathOf("garbage"));
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task Sweep_deletes_nothing_when_a_folder_cannot_be_read()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await OrphanOverdueAsync(volume);
        Directory.CreateDirectory(Shard.PathOf("closed"));
        SweepSummary summary;
        if (Environment.IsPrivilegedProcess)
        {
            // Root reads everything; a folder that something is mounted on cannot be read by anyone.
            if (!Shell.Run($"mount -t tmpfs none {Shard.PathOf("closed")}"))
                Assert.Ignore("root reads every folder, and this machine lets it mount nothing to hide one");
            try
            {
                summary = await volume.SweepAsync(AtOnce);
            }
            finally
            {
                Shell.Run($"umount {Shard.PathOf("closed")}");
            }
        }
        else
        {
            File.SetUnixFileMode(Shard.PathOf("closed"), UnixFileMode.None);
            summary = await volume.SweepAsync(AtOnce);
            File.SetUnixFileMode(Shard.PathOf("closed"), (UnixFileMode)0x1C0);
        }

        summary.IsComplete.Should().BeFalse();
        summary.Gaps.Should().ContainSingle().Which.Path.Should().Be(Shard.PathOf("closed"));
        Shard.Objects().Should().ContainSingle();
        (await volume.SweepAsync(AtOnce)).Due.Should().Be(1, "once the cause is gone it is done");
    }

    [Test]
    public async Task Two_sweeps_at_once_are_kept_apart()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await MigrateAsync(volume, "f");
        using IShardFile signal = volume.Shard.Open(".clusterhsm/signal", ShardOpenOptions.ReadWrite);
        signal.TryLock(new LockRange(ShardDescriptor.MaxFileLockOffset - 1, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();

        Func<Task> sweeping = () => volume.SweepAsync(AtOnce);

        await sweeping.Should().ThrowAsync<FileBusyException>();
    }

    [Test]
    public async Task A_file_that_is_moved_to_and_fro_while_the_shard_is_swept_is_never_an_orphan()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        for (int i = 0; i < 30; i++)
            Directory.CreateDirectory(Shard.PathOf($"d{i}"));
        byte[] bytes = Shard.Write("d0/f", 5000);
        await volume.MigrateAsync(["d0/f"], LocalShard.AtOnce);
        using CancellationTokenSource stop = new();
        int at = 0;
        Task moving = Task.Run(() =>
        {
            Random random = new(1);
            for (int move = 0; move < MostMoves && !stop.IsCancellationRequested; move++)
            {
                int next = random.Next(30);
                if (next != at)
                    File.Move(Shard.PathOf($"d{at}/f"), Shard.PathOf($"d{next}/f"));
                at = next;
            }
        });

        for (int sweep = 0; sweep < 3; sweep++)
            (await volume.SweepAsync(AtOnce)).Orphans.Should().Be(0);
        await stop.CancelAsync();
        await moving;

        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { IsComplete = true, Orphans = 0L });
        (await volume.ReadAllAsync($"d{at}/f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Marks_that_are_damaged_begin_anew()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        await OrphanOverdueAsync(volume);
        File.AppendAllText(MarksFile, "garbage\n");

        (await volume.SweepAsync(AtOnce)).Should().BeEquivalentTo(new { Orphans = 1L, Due = 0L });
        Shard.LetOrphansAge(AtOnce.GraceTime);
        (await volume.SweepAsync(AtOnce)).Due.Should().Be(1);
    }

    [Test]
    public async Task A_grace_time_that_would_take_objects_from_running_migrations_is_refused()
    {
        await using HsmVolume volume = await Shard.OpenAsync();

        Func<Task> sweeping = () => volume.SweepAsync(new SweepOptions { GraceTime = TimeSpan.FromMinutes(9) });

        await sweeping.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    private async Task<byte[]> MigrateAsync(HsmVolume volume, string name)
    {
        byte[] bytes = Shard.Write(name, 5000);
        (await volume.MigrateAsync([name], LocalShard.AtOnce)).Released.Should().Be(1);
        return bytes;
    }

    private async Task OrphanOverdueAsync(HsmVolume volume)
    {
        await MigrateAsync(volume, "deleted");
        File.Delete(Shard.PathOf("deleted"));
        await volume.SweepAsync(AtOnce);
        Shard.LetOrphansAge(AtOnce.GraceTime);
    }

    private sealed class Collector(List<Orphan> orphans) : IProgress<Orphan>
    {
        public void Report(Orphan value) => orphans.Add(value);
    }
}
