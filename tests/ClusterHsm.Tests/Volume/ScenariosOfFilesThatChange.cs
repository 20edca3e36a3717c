using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>What becomes of a file that does not hold still while it is archived.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfFilesThatChange : ScenarioFixture
{
    [Test]
    public virtual async Task A_file_that_changes_while_it_is_copied_is_given_up_and_no_record_and_no_object_is_left(
        [Values("overwrite", "time set back", "append", "truncate", "mapping", "chmod", "rename", "delete", "replace")] string how, [Values] bool atTheEnd)
    {
        Shard.Write("f", 3_000_000);
        await using HookedVolume hooked = new(Shard);
        using IShardFile before = hooked.Volume.Shard.Open("f", ShardOpenOptions.Read);
        await Shard.TickAsync();
        bool isChanged = false;
        Func<Task> change = () =>
        {
            if (!isChanged)
                Change(hooked.Volume, how);
            isChanged = true;
            return Task.CompletedTask;
        };
        hooked.Store.Writing = atTheEnd ? null : change;
        hooked.Store.Committing = atTheEnd ? change : null;

        Outcomes outcomes = new();
        MigrationSummary summary = await hooked.Volume.MigrateAsync(["f"], outcomes.AtOnce);

        summary.Should().BeEquivalentTo(new { Archived = 0L, Released = 0L, Skipped = 1L, Failed = 0L });
        outcomes.Last.Should().BeEquivalentTo(new { Path = "f", Action = FileAction.Skipped, Reason = "it changed while it was copied" });
        FileRecord.Read(before, "f", RecordSeal.None).Should().BeNull();
        Shard.Objects().Should().BeEmpty();
        Shard.Uploads().Should().BeEmpty();

        hooked.Store.Writing = hooked.Store.Committing = null;
        string[] left = [.. hooked.Volume.EnumerateStatus("").Select(status => status.Path)];
        left.Should().Equal(how switch { "delete" => [], "rename" => ["g"], _ => ["f"] });
        (await hooked.Volume.ArchiveAsync(left, LocalShard.AtOnce)).Archived.Should().Be(left.Length, "it holds still now");
    }

    [Test]
    public async Task A_file_that_is_deleted_while_it_waits_is_named_and_the_others_go_on()
    {
        Shard.Write("first", 5000);
        Shard.Write("deleted", 5000);
        Shard.Write("last", 5000);
        await using HookedVolume hooked = new(Shard);
        hooked.Store.Writing = () =>
        {
            File.Delete(Shard.PathOf("deleted"));
            return Task.CompletedTask;
        };

        MigrationSummary summary = await hooked.Volume.MigrateAsync(["first", "deleted", "last"], LocalShard.AtOnce with { Jobs = 1 });

        summary.Should().BeEquivalentTo(new { Archived = 2L, Released = 2L, Failed = 1L });
        summary.Failures.Single().Should().BeEquivalentTo(new { Path = "deleted", Error = new { Error = HsmError.NotFound, Path = Shard.PathOf("deleted") } });
    }

    [Test]
    public async Task A_file_that_is_being_written_is_waited_for_once_and_skipped()
    {
        Shard.Write("busy", 5000);
        Shard.Write("still", 5000);
        await using HookedVolume hooked = new(Shard);
        hooked.Shard.Opening = path =>
        {
            if (path != "busy")
                return;
            Shard.TickAsync().GetAwaiter().GetResult();
            File.AppendAllText(Shard.PathOf("busy"), "more");
        };
        Outcomes outcomes = new();

        await hooked.Volume.ArchiveAsync(["busy", "still"], outcomes.AtOnce with { SettleTime = TimeSpan.FromSeconds(1) });

        outcomes.All.Select(o => (o.Path, o.Action, o.Reason)).Should().BeEquivalentTo(new[]
        {
            ("busy", FileAction.Skipped, "it is being written: it changed within the settle time"),
            ("still", FileAction.Archived, null),
        });
    }

    [Test]
    public async Task A_file_of_the_future_is_archived_once_it_was_left_alone()
    {
        Shard.Write("f", 5000);
        File.SetLastWriteTimeUtc(Shard.PathOf("f"), new DateTime(2222, 2, 2, 0, 0, 0, DateTimeKind.Utc));
        await using HsmVolume volume = await Shard.OpenAsync();

        (await volume.MigrateAsync(["f"], new MigrationOptions { SettleTime = TimeSpan.FromMilliseconds(50) })).Released.Should().Be(1);
    }

    private void Change(HsmVolume volume, string how)
    {
        string path = Shard.PathOf("f");
        switch (how)
        {
            case "append":
                // Not by .NET's own calls, which take a flock: that is refused where flock and byte ranges are one space.
                using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
                    file.Write("more"u8, 3_000_000);
                break;
            case "truncate":
                using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
                    file.SetLength(1_500_000);
                break;
            case "mapping":
                using (MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path))
                using (MemoryMappedViewAccessor map = file.CreateViewAccessor())
                    map.Write(2_000_000, 0x1234_5678_9ABC_DEF0);
                break;
            case "chmod":
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherExecute);
                break;
            case "rename":
                File.Move(path, Shard.PathOf("g"));
                break;
            case "delete":
                File.Delete(path);
                break;
            case "replace":
                Shard.Write("g", 3_000_000);
                File.Move(Shard.PathOf("g"), path, overwrite: true);
                break;
            default:
                using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
                {
                    ShardTimestamp modified = file.GetInfo().Modified;
                    file.Write("other"u8, 2_000_000);
                    if (how == "time set back")
                        file.SetTimes(modified, modified);
                }
                break;
        }
    }
}
