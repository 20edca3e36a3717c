using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>The main job from end to end through the classes for macOS, on Darwin's calls faked on Linux.</summary>
[TestFixture]
[Platform("Linux")]
public sealed class DarwinVolumeTests
{
    private static readonly MigrationOptions AtOnce = new() { SettleTime = TimeSpan.Zero };

    private DarwinOnLinux _darwin = null!;
    private string _parent = null!;
    private string _root = null!;

    private string File => Path.Combine(_root, "file");

    [SetUp]
    public void MakeShard()
    {
        _darwin = new DarwinOnLinux();
        _parent = Directory.CreateTempSubdirectory("clusterhsm-volume-").FullName;
        _root = Directory.CreateDirectory(Path.Combine(_parent, "shard")).FullName;
        using MacShardFileSystem shard = MacShardFileSystem.Open(_root, _darwin);
        HsmShard.Initialize(shard, OpenStore, new Uri(Path.Combine(_parent, "store")), new ShardInitializeOptions());
    }

    [TearDown]
    public void RemoveShard() => Directory.Delete(_parent, recursive: true);

    [Test]
    public async Task A_file_is_archived_released_and_read_back_by_another_node_on_Darwins_calls_faked_on_Linux()
    {
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        await System.IO.File.WriteAllBytesAsync(File, content);
        DateTime written = System.IO.File.GetLastWriteTimeUtc(File);
        await using Node reader = Open(), migrator = Open();
        await reader.Volume.Monitor!.WaitForModeAsync(LockMode.Relaxed);
        (await ReadAsync(reader)).Should().Equal(content);
        (await ReadAsync(reader)).Should().Equal(content);
        reader.Volume.Counters.CacheHits.Should().Be(1);

        MigrationSummary migrated = await migrator.Volume.MigrateAsync(["file"], AtOnce);

        migrated.Released.Should().Be(1, $"{string.Join("; ", migrated.Failures)}");
        (await System.IO.File.ReadAllBytesAsync(File)).Should().OnlyContain(b => b == 0).And.HaveCount(content.Length);
        System.IO.File.GetLastWriteTimeUtc(File).Should().Be(written);
        migrator.Volume.GetStatus("file").State.Should().Be(FileState.Released);

        (await ReadAsync(reader)).Should().Equal(content);
        reader.Volume.GetStatus("file").State.Should().Be(FileState.Archived);
        System.IO.File.GetLastWriteTimeUtc(File).Should().Be(written);
    }

    [Test]
    public async Task A_stub_made_through_Linuxs_own_calls_is_read_back_because_records_have_one_name()
    {
        byte[] content = [1, 2, 3, 4, 5];
        await System.IO.File.WriteAllBytesAsync(File, content);
        await using Node linux = new(ShardFileSystem.Open(_root), OpenStore()), mac = Open();
        (await linux.Volume.MigrateAsync(["file"], AtOnce)).Released.Should().Be(1);
        mac.Volume.GetStatus("file").State.Should().Be(FileState.Released);
        (await ReadAsync(mac)).Should().Equal(content);
    }

    [Test]
    public async Task A_dataless_file_is_left_to_whoever_keeps_its_data_on_Darwins_calls_faked_on_Linux()
    {
        await using Node migrator = Open();
        await System.IO.File.WriteAllBytesAsync(File, new byte[] { 1, 2, 3 });
        ulong inode = migrator.Volume.GetStatus("file").Info.Identity.Inode;
        _darwin.Dataless[inode] = true;
        MigrationSummary archived = await migrator.Volume.ArchiveAsync(["file"], AtOnce);
        (archived.Archived, archived.Skipped).Should().Be((0, 1));
        _darwin.Dataless.Clear();
        (await migrator.Volume.ArchiveAsync(["file"], AtOnce)).Archived.Should().Be(1);
    }

    private ISecondaryStore OpenStore() => DirectoryStore.OpenOrCreate(Path.Combine(_parent, "store"), new MacStoreDisk(_darwin));

    private Node Open() => new(MacShardFileSystem.Open(_root, _darwin), OpenStore());

    private static async Task<byte[]> ReadAsync(Node node)
    {
        await using HsmFile file = await node.Volume.OpenFileAsync("file");
        using MemoryStream copy = new();
        await file.AsStream().CopyToAsync(copy);
        return copy.ToArray();
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly IShardFileSystem _shard;
        private readonly ISecondaryStore _store;
        private readonly SignalFileLockMonitor _monitor;

        public Node(IShardFileSystem shard, ISecondaryStore store)
        {
            InodeCache cache = new(capacity: 1_000);
            (_shard, _store) = (shard, store);
            _monitor = new SignalFileLockMonitor(shard, cache, new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(500) });
            Volume = new HsmVolume(shard, cache, _monitor, LockModePolicy.Default, _store);
        }

        public HsmVolume Volume { get; }

        public async ValueTask DisposeAsync()
        {
            await Volume.DisposeAsync();
            await _monitor.DisposeAsync();
            await _store.DisposeAsync();
            _shard.Dispose();
        }
    }
}
