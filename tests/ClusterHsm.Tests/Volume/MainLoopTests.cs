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
}
