using System.Runtime.Versioning;
using System.Text;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Which files are copied, how often, and what comes back.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfArchive : NodeScenarioFixture
{
    private static readonly string[] Names =
    [
        " begins and ends with a space ", "new\nline", "tab\tand \\ and \" and '", "-rf", "*?[a]", "日本語 ü 😀",
        "not UTF-8 \uDCFF\uDC80", "folder \uDCFE/f\n\uDCFF", new string('x', 255), new string('ü', 127) + "x", new string('\uDCFF', 255),
    ];

    /// <summary>Small files in the test of very many.</summary>
    private protected virtual int Many => 10_000;

    [Test]
    public async Task One_file_is_copied_and_stays_on_the_shard()
    {
        byte[] bytes = Shard.Write("a/b.bin", 3_000_001);
        await using HsmVolume volume = await Shard.OpenAsync();
        FileStatus before = volume.GetStatus("a/b.bin");

        (await volume.ArchiveAsync(["a/b.bin"], LocalShard.AtOnce)).Should()
            .BeEquivalentTo(new { Archived = 1L, BytesArchived = 3_000_001L, Released = 0L, Skipped = 0L, Failed = 0L, Handovers = 0 });

        FileStatus after = volume.GetStatus("a/b.bin");
        (after.State, after.Size, after.Info.Modified).Should().Be((FileState.Archived, before.Size, before.Info.Modified));
        after.AllocatedBytes.Should().BeGreaterThanOrEqualTo(before.AllocatedBytes);
        File.ReadAllBytes(Shard.Objects().Single()).Should().Equal(bytes);
        after.Record!.Digest.Should().Be(DigestOf(bytes));
    }

    [Test]
    public async Task An_archived_unchanged_file_is_not_copied_again()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        StubRecord record = volume.GetStatus("f").Record!;

        Outcomes outcomes = new();
        (await volume.ArchiveAsync(["f", Shard.PathOf("f")], outcomes.AtOnce with { Jobs = 1 })).Should().BeEquivalentTo(new { Archived = 0L, Skipped = 2L });

        outcomes.All.Should().OnlyContain(outcome => outcome.Action == FileAction.AlreadyDone && outcome.Reason == "it is archived");
        volume.GetStatus("f").Record.Should().Be(record);
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task A_pinned_an_empty_and_one_of_the_shards_own_files_are_skipped_with_the_reason()
    {
        Shard.Write("pinned", 5000);
        Shard.Write("empty", 0);
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.Pin("pinned");

        Outcomes outcomes = new();
        await volume.MigrateAsync(["pinned", "empty", ".clusterhsm/shard.json"], outcomes.AtOnce);

        outcomes.All.Select(o => (o.Path, o.Action, o.Reason)).Should().BeEquivalentTo(new[]
        {
            ("pinned", FileAction.Skipped, "it is pinned"),
            ("empty", FileAction.Skipped, "an empty file is never a stub"),
            (".clusterhsm/shard.json", FileAction.Skipped, "it belongs to the shard itself"),
        });
        Shard.Objects().Should().BeEmpty();
        volume.GetStatus("empty").Record.Should().BeNull();
        (await volume.ReadAllAsync("empty")).Should().BeEmpty();
        volume.Unpin("pinned");
        (await volume.MigrateAsync(["pinned"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    [Test]
    public async Task A_file_of_holes_only_comes_back_as_holes()
    {
        using (FileStream file = File.Create(Shard.PathOf("f")))
            file.SetLength(5_000_000);
        await using HsmVolume volume = await Shard.OpenAsync();

        (await volume.MigrateAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);

        volume.GetStatus("f").Record!.Digest.Should().Be(DigestOf(new byte[5_000_000]));
        (await volume.ReadAllAsync("f")).Should().Equal(new byte[5_000_000]);
        FileStatus back = volume.GetStatus("f");
        back.State.Should().Be(FileState.Archived);
        back.AllocatedBytes.Should().BeLessThanOrEqualTo(4096);
    }

    [Test]
    public async Task A_sparse_file_keeps_its_holes()
    {
        byte[] bytes = new byte[64 << 20];
        using (FileStream file = File.Create(Shard.PathOf("f")))
        {
            foreach (int at in (int[])[0, 17 << 20, (63 << 20) + 500_000])
            {
                Random.Shared.NextBytes(bytes.AsSpan(at, 4096));
                file.Position = at;
                file.Write(bytes, at, 4096);
            }
            file.SetLength(bytes.Length);
        }
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.GetStatus("f").AllocatedBytes.Should().BeLessThan(100_000);

        (await volume.MigrateAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);

        volume.GetStatus("f").Record!.Digest.Should().Be(DigestOf(bytes));
        (await volume.ReadAllAsync("f")).AsSpan().SequenceEqual(bytes).Should().BeTrue();
        volume.GetStatus("f").AllocatedBytes.Should().BeLessThanOrEqualTo(3 * SparseWriting.HoleSize + 4096, "three pieces hold data");
    }

    [Test]
    public async Task Any_name_that_a_file_can_have_makes_the_way_there_and_back()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.Shard.CreateDirectory("folder \uDCFE", ShardDefaults.FileMode | UnixFileMode.UserExecute);
        foreach (string name in Names)
        {
            await using HsmFile file = await volume.OpenFileAsync(name, new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = FileMode.CreateNew });
            file.Write(Encoding.UTF8.GetBytes(name), 0);
        }
        try
        {
            Outcomes outcomes = new();
            (await volume.MigrateAsync(Names, outcomes.AtOnce)).Should().BeEquivalentTo(new { Archived = (long)Names.Length, Released = (long)Names.Length });

            outcomes.All.Select(outcome => outcome.Path).Distinct().Should().BeEquivalentTo(Names);
            volume.EnumerateStatus("").Should().OnlyContain(status => status.IsStub)
                .And.Subject.Select(status => status.Path).Should().BeEquivalentTo(Names);
            foreach (string name in Names)
                (await volume.ReadAllAsync(name)).Should().Equal(Encoding.UTF8.GetBytes(name));
            await volume.ReleaseAsync(Names, LocalShard.AtOnce);
            (await volume.RecallAsync(Names, LocalShard.AtOnce)).Recalled.Should().Be(Names.Length);
        }
        finally
        {
            // .NET's own calls, which clear up in the end, cannot name these.
            foreach (string name in Names)
                volume.Shard.Delete(name);
            using ForeignShell shell = new(Shard);
            shell.Run("rmdir folder*");
        }
    }

    [Test]
    public async Task Ten_thousand_small_files_are_archived_released_and_recalled()
    {
        // A lease that the barriers of a busy disk do not outlast.
        using LocalShard shard = NewShard(TimeSpan.FromSeconds(3));
        string[] names = [.. Enumerable.Range(0, Many).Select(i => $"d{i % 100}/f{i}")];
        foreach (string folder in names.Select(name => Path.GetDirectoryName(name)!).Distinct())
            Directory.CreateDirectory(shard.PathOf(folder));
        foreach (string name in names)
            File.WriteAllText(shard.PathOf(name), name);
        await using HsmVolume volume = await shard.OpenAsync();

        await volume.MakeStubsAsync(names);
        shard.Objects().Should().HaveCount(Many, "each is copied once");
        (await volume.RecallAsync(names, LocalShard.AtOnce)).Should().BeEquivalentTo(new { Recalled = (long)Many, Failed = 0L });

        names.Where(name => File.ReadAllText(shard.PathOf(name)) != name).Should().BeEmpty();
    }

    [Test]
    public async Task What_fails_in_a_batch_is_named_and_the_others_go_on()
    {
        Shard.Write("good", 5000);
        Shard.Write("bad record", 5000);
        Shard.Write("other good", 5000);
        Directory.CreateDirectory(Shard.PathOf("folder"));
        Syscall.mkfifo(Shard.PathOf("fifo"), FilePermissions.DEFFILEMODE).Should().Be(0);
        File.CreateSymbolicLink(Shard.PathOf("link out"), "/etc/passwd");
        await using HsmVolume volume = await Shard.OpenAsync();
        using (IShardFile file = volume.Shard.Open("bad record", ShardOpenOptions.ReadWrite))
            file.WriteAttribute(StubRecord.AttributeName, "{"u8);

        MigrationSummary summary = await volume.MigrateAsync(
            ["bad record", "missing", "folder", "fifo", "link out", "../outside", "/etc/passwd", "good", "other good"], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Archived = 2L, Released = 2L, Failed = 7L });
        summary.Failures.Select(failure => (failure.Path, failure.Error!.Error)).Should().BeEquivalentTo(new[]
        {
            ("bad record", HsmError.InvalidRecord), ("missing", HsmError.NotFound), ("folder", HsmError.NotARegularFile),
            ("fifo", HsmError.NotARegularFile), ("link out", HsmError.OutsideRoot), ("../outside", HsmError.OutsideRoot),
            ("/etc/passwd", HsmError.OutsideRoot),
        });
        summary.Failures.Should().OnlyContain(failure => failure.Reason!.StartsWith(failure.Error!.Path, StringComparison.Ordinal));
    }

    [Test]
    public async Task Two_migrators_with_the_same_list_copy_each_file_once([Values] bool inAnotherProcess)
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"f{i}")];
        byte[][] contents = [.. names.Select((name, i) => Shard.Write(name, 1000 + i))];
        await using HsmVolume one = await Shard.OpenAsync();
        await using HsmVolume two = await Shard.OpenAsync();
        if (inAnotherProcess)
        {
            NodeChild other = await StartNodeAsync();
            Task<string> theirs = other.AskAsync(["migrate", .. names]);
            await one.MigrateAsync(names, LocalShard.AtOnce);
            (await theirs).Should().EndWith("failed=0");
        }
        else
        {
            await Task.WhenAll(one.MigrateAsync(names, LocalShard.AtOnce), two.MigrateAsync(names, LocalShard.AtOnce));
        }
        (await one.MigrateAsync(names, LocalShard.AtOnce)).Failed.Should().Be(0);

        Shard.Objects().Should().HaveCount(40);
        for (int i = 0; i < names.Length; i++)
        {
            one.GetStatus(names[i]).State.Should().Be(FileState.Released);
            (await two.ReadAllAsync(names[i])).Should().Equal(contents[i]);
        }
    }

    [Test]
    public async Task A_full_store_is_named_the_file_is_as_it_was_and_no_object_is_left()
    {
        string folder = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "small store");
        using Mount tmpfs = Mount.Tmpfs(folder, "1m");
        byte[] big = Shard.Write("big", 3_000_000);
        Shard.Write("small", 5000);
        await using HookedVolume hooked = new(Shard, folder);

        MigrationSummary summary = await hooked.Volume.MigrateAsync(["big", "small"], LocalShard.AtOnce with { Jobs = 1 });

        summary.Should().BeEquivalentTo(new { Archived = 1L, Released = 1L, Failed = 1L });
        summary.Failures.Single().Should().BeEquivalentTo(new { Path = "big", Error = new { Error = HsmError.NoSpace, Path = folder } });
        FileStatus status = hooked.Volume.GetStatus("big");
        (status.State, status.Record).Should().Be((FileState.Regular, null));
        File.ReadAllBytes(Shard.PathOf("big")).Should().Equal(big);
        Directory.GetFiles(Path.Combine(folder, "objects"), "*", SearchOption.AllDirectories).Should().ContainSingle();
        Directory.GetFiles(Path.Combine(folder, "tmp")).Should().BeEmpty();
    }

    [Test]
    public async Task A_store_that_fails_is_named_the_file_is_as_it_was_and_no_object_is_left([Values] bool atTheEnd)
    {
        byte[] bytes = Shard.Write("f", 3_000_000);
        await using HookedVolume hooked = new(Shard);
        Func<Task> full = () => throw new NoSpaceException(Shard.StoreFolder, "the store is full", "Make it larger");
        hooked.Store.Writing = atTheEnd ? null : full;
        hooked.Store.Committing = atTheEnd ? full : null;

        MigrationSummary summary = await hooked.Volume.MigrateAsync(["f"], LocalShard.AtOnce);

        summary.Failures.Single().Error.Should().BeOfType<NoSpaceException>();
        hooked.Volume.GetStatus("f").Record.Should().BeNull();
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
        Shard.Objects().Concat(Shard.Uploads()).Should().BeEmpty();
        hooked.Store.Writing = hooked.Store.Committing = null;
        (await hooked.Volume.MigrateAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    [Test]
    public async Task A_file_on_another_device_below_the_root_is_refused()
    {
        using Mount tmpfs = Mount.Tmpfs(Shard.PathOf("other device"), "1m");
        Shard.Write("other device/f", 5000);
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();

        MigrationSummary migrated = await volume.MigrateAsync(["other device/f", "f"], LocalShard.AtOnce);
        MigrationSummary released = await volume.ReleaseAsync(["other device/f"], LocalShard.AtOnce);

        migrated.Should().BeEquivalentTo(new { Released = 1L, Failed = 1L });
        foreach (MigrationSummary summary in (MigrationSummary[])[migrated, released])
        {
            summary.Failures.Single().Error.Should().BeOfType<OtherDeviceException>()
                .Which.Path.Should().Be(Shard.PathOf("other device/f"));
        }
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task A_hard_linked_file_is_copied_once_and_both_names_are_the_stub_and_recall_it([Values("f", "g")] string recalledBy)
    {
        byte[] bytes = Shard.Write("f", 50_000);
        Syscall.link(Shard.PathOf("f"), Shard.PathOf("g")).Should().Be(0);
        await using HsmVolume volume = await Shard.OpenAsync();

        (await volume.MigrateAsync(["f", "g"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Archived = 1L, Released = 1L, Failed = 0L });

        Shard.Objects().Should().ContainSingle();
        foreach (string name in (string[])["f", "g"])
            volume.GetStatus(name).State.Should().Be(FileState.Released);
        (await volume.ReadAllAsync(recalledBy)).Should().Equal(bytes);
        foreach (string name in (string[])["f", "g"])
        {
            volume.GetStatus(name).State.Should().Be(FileState.Archived);
            File.ReadAllBytes(Shard.PathOf(name)).Should().Equal(bytes);
        }
    }

    private static ContentDigest DigestOf(byte[] bytes)
    {
        using ContentDigestBuilder digest = ContentDigest.Start();
        digest.Append(bytes);
        return digest.Finish();
    }
}
