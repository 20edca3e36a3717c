using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>The whole loop on real files: archive, release, recall, and what readers and writers see of it.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class MainLoopTests
{
    private LocalShard _shard = null!;

    [SetUp]
    public void SetUp() => _shard = new LocalShard();

    [TearDown]
    public void TearDown() => _shard.Dispose();

    [Test]
    public async Task A_migrated_file_keeps_size_times_mode_and_inode_gives_its_blocks_back_and_recalls_byte_for_byte()
    {
        byte[] bytes = _shard.Write("a/b.bin", 3_000_001);
        await using HsmVolume volume = await _shard.OpenAsync();
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
    public async Task Cycles_of_release_and_recall_keep_the_file_identical_and_copy_it_once()
    {
        byte[] bytes = _shard.Write("f", 10_000);
        await using HsmVolume volume = await _shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        for (int cycle = 1; cycle <= 5; cycle++)
        {
            (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
            (await volume.ReadAllAsync("f")).Should().Equal(bytes);
        }
        volume.GetStatus("f").Record!.ReleaseCount.Should().Be(5);
        _shard.Objects().Should().ContainSingle("an unchanged file is copied once");
    }

    [Test]
    public async Task R7_a_file_that_is_open_for_writing_is_not_released_and_its_write_is_kept()
    {
        _shard.Write("f", 5000);
        await using HsmVolume writer = await _shard.OpenAsync();
        await using HsmVolume migrator = await _shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using HsmFile file = await writer.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });

        (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        file.Write("kept"u8, 0);
        await file.DisposeAsync();

        MigrationSummary stale = await migrator.ReleaseAsync(["f"], LocalShard.AtOnce);
        stale.Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
        (await migrator.ReadAllAsync("f"))[..4].Should().Equal("kept"u8.ToArray());
        migrator.GetStatus("f").HasStaleCopy.Should().BeTrue();
    }

    [Test]
    public async Task A_write_whose_mtime_was_set_back_is_found_by_its_digest_before_release()
    {
        _shard.Write("f", 5000);
        await using HsmVolume volume = await _shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        ShardTimestamp modified = volume.GetStatus("f").Info.Modified;
        using (IShardFile sneaky = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
        {
            sneaky.Write("sneaky"u8, 100);
            sneaky.SetTimes(modified, modified);
        }

        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
    }

    [Test]
    public async Task A_chmod_leaves_an_archived_file_archived_and_releasable()
    {
        byte[] bytes = _shard.Write("f", 5000);
        await using HsmVolume volume = await _shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        File.SetUnixFileMode(_shard.PathOf("f"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(_shard.PathOf("f"), _shard.PathOf("g"));

        volume.GetStatus("g").State.Should().Be(FileState.Archived);
        (await volume.ReleaseAsync(["g"], LocalShard.AtOnce)).Released.Should().Be(1);
        (await volume.ReadAllAsync("g")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_pinned_an_empty_and_an_unarchived_file_are_skipped_with_the_reason()
    {
        _shard.Write("pinned", 5000);
        _shard.Write("empty", 0);
        _shard.Write("plain", 5000);
        await using HsmVolume volume = await _shard.OpenAsync();
        volume.Pin("pinned");
        List<FileOutcome> outcomes = [];
        MigrationOptions options = LocalShard.AtOnce with { Progress = new Collector(outcomes) };

        await volume.MigrateAsync(["pinned", "empty"], options);
        await volume.ReleaseAsync(["plain"], options);

        outcomes.Select(o => (o.Path, o.Action, o.Reason)).Should().BeEquivalentTo(new[]
        {
            ("pinned", FileAction.Skipped, "it is pinned"),
            ("empty", FileAction.Skipped, "an empty file is never a stub"),
            ("plain", FileAction.Skipped, "it is not archived"),
        });
        volume.Unpin("pinned");
        (await volume.MigrateAsync(["pinned"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    [Test]
    public async Task The_data_is_not_given_up_when_the_object_is_gone_or_the_record_is_another_shards()
    {
        byte[] bytes = _shard.Write("lost", 5000);
        _shard.Write("copied", 5000);
        await using HsmVolume volume = await _shard.OpenAsync();
        await volume.ArchiveAsync(["lost", "copied"], LocalShard.AtOnce);
        using (IShardFile file = volume.Shard.Open("copied", ShardOpenOptions.ReadWrite))
            FileRecord.Write(file, volume.GetStatus("copied").Record! with { ShardId = Guid.NewGuid() });
        string objectOfLost = volume.GetStatus("lost").ObjectKey!.Value.ObjectId.ToString("N");
        File.Delete(Directory.GetFiles(_shard.StoreFolder, objectOfLost, SearchOption.AllDirectories).Single());

        MigrationSummary summary = await volume.ReleaseAsync(["lost", "copied"], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L, Failed = 1L });
        summary.Failures.Single().Error.Should().BeOfType<ObjectMissingException>();
        File.ReadAllBytes(_shard.PathOf("lost")).Should().Equal(bytes);
        (await volume.ArchiveAsync(["copied"], LocalShard.AtOnce)).Archived.Should().Be(1);
    }

    [Test]
    public async Task Verify_names_the_files_whose_objects_are_missing_or_damaged()
    {
        foreach (string name in (string[])["good", "short", "damaged"])
            _shard.Write(name, 50_000);
        await using HsmVolume volume = await _shard.OpenAsync();
        await volume.MigrateAsync(["good", "short", "damaged"], LocalShard.AtOnce);
        File.Delete(ObjectOf("short"));
        byte[] bytes = File.ReadAllBytes(ObjectOf("damaged"));
        bytes[7] ^= 1;
        string damaged = ObjectOf("damaged");
        File.Delete(damaged);
        File.WriteAllBytes(damaged, bytes);

        (await volume.VerifyAsync("")).Should().BeEquivalentTo(new { Verified = 2L, Failed = 1L });
        MigrationSummary deep = await volume.VerifyAsync("", deep: true);

        deep.Failures.Select(failure => (failure.Path, failure.Error!.Error)).Should()
            .BeEquivalentTo(new[] { ("short", HsmError.ObjectMissing), ("damaged", HsmError.DigestMismatch) });

        string ObjectOf(string name) =>
            Directory.GetFiles(_shard.StoreFolder, volume.GetStatus(name).ObjectKey!.Value.ObjectId.ToString("N"), SearchOption.AllDirectories)
                .Single();
    }

    [Test]
    public async Task The_composed_form_works_like_the_short_one()
    {
        byte[] bytes = _shard.Write("f", 1000);
        using IShardFileSystem shard = ShardFileSystem.Open(_shard.Root);
        InodeCache cache = new(capacity: 1000);
        await using SignalFileLockMonitor monitor = new(shard, cache, new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(50) });
        await using ISecondaryStore store = SecondaryStores.Open(new Uri(_shard.StoreFolder));
        await using HsmVolume volume = new(shard, cache, monitor, LockModePolicy.Default, store);
        await monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(TimeSpan.FromSeconds(30));

        for (int i = 0; i < 3; i++)
            (await volume.ReadAllAsync("f")).Should().Equal(bytes);

        volume.Counters.Should().BeEquivalentTo(new { CacheHits = 2L, CacheMisses = 1L, StrictLooks = 0L });
    }

    [Test]
    public async Task Bad_input_is_refused_by_a_type_of_its_own_that_names_the_path()
    {
        string plain = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        try
        {
            Func<Task> opening = () => HsmVolume.OpenAsync(plain).AsTask();
            (await opening.Should().ThrowAsync<NotAShardException>()).Which.Message.Should().Contain(plain);
        }
        finally
        {
            Directory.Delete(plain);
        }
        await using HsmVolume volume = await _shard.OpenAsync();
        await Throws<HsmFileNotFoundException>("nothing");
        await Throws<OutsideRootException>("../store");
        await Throws<OutsideRootException>("/etc/passwd");
        _shard.Write("garbage", 100);
        using (IShardFile file = volume.Shard.Open("garbage", ShardOpenOptions.ReadWrite))
            file.WriteAttribute(StubRecord.AttributeName, "{not a record"u8);
        await Throws<InvalidRecordException>("garbage");
        volume.GetStatus("garbage").Problem.Should().NotBeNull();
        _shard.Write("stub", 100);
        await volume.MigrateAsync(["stub"], LocalShard.AtOnce);
        Directory.Move(_shard.StoreFolder, _shard.StoreFolder + "-away");
        await using HsmVolume storeless = await _shard.OpenAsync();
        storeless.GetStatus("stub").State.Should().Be(FileState.Released);
        Func<Task> recalling = () => storeless.ReadAllAsync("stub");
        await recalling.Should().ThrowAsync<StoreUnavailableException>();
        Directory.Move(_shard.StoreFolder + "-away", _shard.StoreFolder);
        (await volume.ReadAllAsync("stub")).Should().HaveCount(100);

        async Task Throws<T>(string path) where T : HsmException
        {
            Func<Task> reading = () => volume.ReadAllAsync(path);
            (await reading.Should().ThrowAsync<T>()).Which.Remedy.Should().NotBeEmpty();
        }
    }

    private sealed class Collector(List<FileOutcome> outcomes) : IProgress<FileOutcome>
    {
        public void Report(FileOutcome value) => outcomes.Add(value);
    }
}
