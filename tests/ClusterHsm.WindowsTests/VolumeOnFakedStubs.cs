using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Windows;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>
/// The main job from end to end: locks, identities, files, the store and the protocol are those of Windows as Wine has it; streams, holes and
/// the OFFLINE attribute are <see cref="FakeFeatures"/>.
/// </summary>
[TestFixture]
[Platform("Win")]
public sealed class VolumeOnFakedStubs
{
    private static readonly MigrationOptions AtOnce = new() { SettleTime = TimeSpan.Zero };

    private FakeFeatures _features = null!;
    private string _parent = null!;
    private string _root = null!;
    private Uri _store = null!;

    [SetUp]
    public void MakeFolders()
    {
        _features = new FakeFeatures(); // a file's id is another file's after it, and the fake does not see files go
        _parent = Directory.CreateTempSubdirectory("clusterhsm-volume-").FullName;
        _root = Directory.CreateDirectory(Path.Combine(_parent, "shard")).FullName;
        _store = new Uri(Path.Combine(_parent, "store"));
    }

    [TearDown]
    public void RemoveFolders() => Directory.Delete(_parent, recursive: true);

    [Test]
    public async Task A_file_is_archived_released_and_read_back_by_another_node_while_both_watch_the_signal()
    {
        Initialize();
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(_root, "file"), content);
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(_root, "file"));
        await using Node reader = Open(), migrator = Open();
        await reader.Volume.Monitor!.WaitForModeAsync(LockMode.Relaxed);
        (await ReadAsync(reader, "file")).Should().Equal(content);
        (await ReadAsync(reader, "file")).Should().Equal(content);
        reader.Volume.Counters.CacheHits.Should().Be(1);

        MigrationSummary migrated = await migrator.Volume.MigrateAsync(["file"], AtOnce);

        migrated.Released.Should().Be(1, $"{string.Join("; ", migrated.Failures)}");
        File.ReadAllBytes(Path.Combine(_root, "file")).Should().OnlyContain(b => b == 0).And.HaveCount(content.Length);
        File.GetLastWriteTimeUtc(Path.Combine(_root, "file")).Should().Be(written);
        FileStatus status = migrator.Volume.GetStatus("file");
        (status.State, status.Info.IsOffline).Should().Be((Stubs.FileState.Released, true));

        (await ReadAsync(reader, "file")).Should().Equal(content);
        reader.Volume.GetStatus("file").State.Should().Be(Stubs.FileState.Archived);
        reader.Volume.GetStatus("file").Info.IsOffline.Should().BeFalse();
        File.GetLastWriteTimeUtc(Path.Combine(_root, "file")).Should().Be(written);
    }

    [Test]
    public async Task A_file_that_a_program_has_open_for_writing_is_not_released()
    {
        Initialize();
        await using Node migrator = Open();
        await File.WriteAllBytesAsync(Path.Combine(_root, "file"), new byte[] { 1, 2, 3 });
        await migrator.Volume.ArchiveAsync(["file"], AtOnce);
        await using (new FileStream(Path.Combine(_root, "file"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            (await migrator.Volume.ReleaseAsync(["file"], AtOnce)).Released.Should().Be(0);
        (await migrator.Volume.ReleaseAsync(["file"], AtOnce)).Released.Should().Be(1);
    }

    [TestCase(0x1000u, TestName = "A file that another storage manager marked OFFLINE is not archived")]
    [TestCase(0x40000u, TestName = "A file that another storage manager marked RECALL_ON_OPEN is not archived")]
    [TestCase(0x400000u, TestName = "A file that another storage manager marked RECALL_ON_DATA_ACCESS is not archived")]
    public async Task A_file_that_another_storage_manager_marked_is_not_archived(uint attribute)
    {
        Initialize();
        await using Node migrator = Open();
        await File.WriteAllBytesAsync(Path.Combine(_root, "file"), new byte[] { 1, 2, 3 });
        ulong inode = migrator.Volume.GetStatus("file").Info.Identity.Inode;
        _features.Mark(inode, attribute);
        MigrationSummary archived = await migrator.Volume.ArchiveAsync(["file"], AtOnce);
        (archived.Archived, archived.Skipped, migrator.Volume.GetStatus("file").Info.IsOffline).Should().Be((0, 1, true));
        _features.Mark(inode, 0);
        (await migrator.Volume.ArchiveAsync(["file"], AtOnce)).Archived.Should().Be(1);
    }

    [Test]
    public async Task Nodes_on_the_shard_are_listed_while_they_live()
    {
        ShardDescriptor descriptor = Initialize();
        using IShardFileSystem shard = WindowsShardFileSystem.Open(_root, _features);
        await using (Node node = Open())
        {
            await node.Volume.Monitor!.WaitForModeAsync(LockMode.Relaxed);
            NodeRegistry.List(shard, descriptor).Should().ContainSingle().Which.IsAlive.Should().BeTrue();
        }
        NodeRegistry.List(shard, descriptor).Should().BeEmpty();
    }

    [Test]
    public void Without_the_fakes_a_volume_that_keeps_no_streams_is_refused_by_name()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(_root);
        shard.Capabilities.CanStoreRecords.Should().BeFalse("Wine keeps no streams, and says so by the volume's flags");
        Action initialize = () => HsmShard.Initialize(_root, _store);
        initialize.Should().Throw<ShardNotSupportedException>().Which.Message.Should().Contain("alternate data streams");
        Directory.GetFileSystemEntries(_root).Should().BeEmpty();
    }

    [Test]
    public void A_shard_with_a_key_or_a_group_is_refused_because_Windows_has_no_permission_bits()
    {
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, _features);
        foreach (ShardInitializeOptions options in new[] { new ShardInitializeOptions { SignRecords = true }, new ShardInitializeOptions { MigratorGroupId = 1 } })
        {
            Action initialize = () => HsmShard.Initialize(shard, () => SecondaryStores.OpenOrCreate(_store), _store, options);
            initialize.Should().Throw<ShardNotSupportedException>().Which.Message.Should().Contain("access control list");
        }
    }

    private ShardDescriptor Initialize()
    {
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, _features);
        return HsmShard.Initialize(shard, () => SecondaryStores.OpenOrCreate(_store), _store, new ShardInitializeOptions());
    }

    private Node Open() => new(WindowsShardFileSystem.Open(_root, _features), _store);

    private static async Task<byte[]> ReadAsync(Node node, string path)
    {
        await using HsmFile file = await node.Volume.OpenFileAsync(path);
        using MemoryStream copy = new();
        await file.AsStream().CopyToAsync(copy);
        return copy.ToArray();
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly IShardFileSystem _shard;
        private readonly ISecondaryStore _store;
        private readonly SignalFileLockMonitor _monitor;

        public Node(IShardFileSystem shard, Uri store)
        {
            InodeCache cache = new(capacity: 1_000);
            _shard = shard;
            _store = SecondaryStores.Open(store);
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
