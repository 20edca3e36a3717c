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
/// the attributes are <see cref="FakeFeatures"/>, unless this is Windows itself.
/// </summary>
[TestFixtureSource(typeof(RealWindows), nameof(RealWindows.Volumes))]
[Platform("Win")]
public sealed class VolumeOfStubs
{
    private static readonly MigrationOptions AtOnce = new() { SettleTime = TimeSpan.Zero };

    private FakeFeatures _fakes = null!;
    private string _parent = null!;
    private string _root = null!;
    private Uri _store = null!;

    public VolumeOfStubs(string volume) => TestContext.Out.WriteLine($"On {volume}.");

    private VolumeFeatures? Features => RealWindows.IsAsked ? null : _fakes;

    [SetUp]
    public void MakeFolders()
    {
        _fakes = new FakeFeatures(); // a file's id is another file's after it, and the fake does not see files go
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

    [TestCase(0x1000u, TestName = "A file that another storage manager marked OFFLINE is not archived, and not opened so that it may be fetched")]
    [TestCase(0x40000u, TestName = "A file that its folder shows as RECALL_ON_OPEN is not archived, and not opened so that it may be fetched")]
    [TestCase(0x400000u, TestName = "A file that another storage manager marked RECALL_ON_DATA_ACCESS is not archived, and not opened so that it may be fetched")]
    public async Task A_file_that_another_storage_manager_marked_is_left_alone(uint attribute)
    {
        RequireFakes();
        Initialize();
        await using Node migrator = Open();
        await File.WriteAllBytesAsync(Path.Combine(_root, "file"), new byte[] { 1, 2, 3 });
        ulong inode = migrator.Volume.GetStatus("file").Info.Identity.Inode;
        _fakes.Mark(inode, attribute);
        MigrationSummary archived = await migrator.Volume.ArchiveAsync(["file"], AtOnce);
        MigrationSummary released = await migrator.Volume.ReleaseAsync(["file"], AtOnce);
        MigrationSummary recalled = await migrator.Volume.RecallAsync(["file"], AtOnce);
        (archived.Archived, archived.Skipped, released.Skipped, recalled.Recalled, recalled.Failed).Should().Be((0, 1, 1, 0, 0));
        migrator.Shard.IsOffline("file").Should().BeTrue();
        OpeningsOf("file").Should().NotBeEmpty().And.NotContain(one => one.MayFetch);
        _fakes.Mark(inode, 0);
        (await migrator.Volume.ArchiveAsync(["file"], AtOnce)).Archived.Should().Be(1);
        OpeningsOf("file").Should().Contain(one => one.MayFetch, "the test sees it where it happens");
    }

    [Test]
    public async Task A_file_with_extended_attributes_is_archived_though_an_open_file_shows_them_by_the_number_of_RECALL_ON_OPEN()
    {
        RequireFakes();
        Initialize();
        await using Node migrator = Open();
        await File.WriteAllBytesAsync(Path.Combine(_root, "file"), new byte[] { 1, 2, 3 });
        _fakes.GiveExtendedAttributes(migrator.Volume.GetStatus("file").Info.Identity.Inode);
        (await migrator.Volume.ArchiveAsync(["file"], AtOnce)).Archived.Should().Be(1);
        migrator.Volume.GetStatus("file").Info.IsOffline.Should().BeFalse();
    }

    [Test]
    public void Whoever_only_looks_opens_nothing_so_that_it_may_be_fetched()
    {
        RequireFakes();
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, Features);
        File.WriteAllBytes(Path.Combine(_root, "file"), [1]);
        shard.GetInfo("file").Should().NotBeNull();
        shard.ReadAttribute("file", "user.clusterhsm").Should().BeNull();
        shard.FindWriters("file").Should().Be(WriterPresence.None);
        shard.IsOffline("file").Should().BeFalse();
        shard.Rename("file", "renamed");
        shard.Delete("renamed");
        _fakes.Openings.Where(one => one.Path is "file" or "renamed").Should().HaveCountGreaterThan(4).And.NotContain(one => one.MayFetch);
    }

    [TestCase("FILE", true)]
    [TestCase("folder/../file", true)]
    [TestCase("other", false)]
    [TestCase("nothing", false)]
    [TestCase("nothing/file", false)]
    [TestCase("file:stream", false)]
    [TestCase("", false)]
    public void The_folder_is_asked_for_the_mark_by_the_name_that_it_has(string path, bool isOffline)
    {
        RequireFakes();
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, Features);
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        foreach (string name in new[] { "file", "other", "file2" })
            File.WriteAllBytes(Path.Combine(_root, name), [1]);
        _fakes.Mark(shard.GetInfo("file")!.Value.Identity.Inode, WindowsConstants.RecallOnOpen);
        shard.IsOffline(path).Should().Be(isOffline);
        shard.GetInfo("file")!.Value.IsOffline.Should().BeFalse("an open file does not show this mark");
    }

    [Test]
    public void What_SetFileAttributes_takes_is_set_and_the_rest_stays()
    {
        string path = Path.Combine(_root, "file");
        File.WriteAllBytes(path, [1]);
        if (!RealWindows.IsAsked)
            Assert.Ignore("Wine keeps no OFFLINE attribute.");
        using (WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root))
        using (IShardFile file = shard.Open("file", ShardOpenOptions.ReadWrite))
        {
            file.MarkOffline(true);
            file.GetInfo().IsOffline.Should().BeTrue();
            shard.IsOffline("file").Should().BeTrue();
            File.GetAttributes(path).Should().HaveFlag(FileAttributes.Offline).And.HaveFlag(FileAttributes.Archive);
            file.MarkOffline(false);
        }
        File.GetAttributes(path).Should().NotHaveFlag(FileAttributes.Offline).And.HaveFlag(FileAttributes.Archive);
    }

    [Test]
    public async Task Nodes_on_the_shard_are_listed_while_they_live()
    {
        ShardDescriptor descriptor = Initialize();
        using IShardFileSystem shard = WindowsShardFileSystem.Open(_root, Features);
        await using (Node node = Open())
        {
            await node.Volume.Monitor!.WaitForModeAsync(LockMode.Relaxed);
            NodeRegistry.List(shard, descriptor).Should().ContainSingle().Which.IsAlive.Should().BeTrue();
        }
        NodeRegistry.List(shard, descriptor).Should().BeEmpty();
    }

    [Test]
    public void Wines_volume_which_keeps_no_streams_is_refused_by_name()
    {
        if (RealWindows.IsAsked)
            Assert.Ignore(RealWindows.OnlyWine);
        using IShardFileSystem shard = ShardFileSystem.Open(_root);
        Action initialize = () => HsmShard.Initialize(_root, _store);
        initialize.Should().Throw<ShardNotSupportedException>().Which.Message.Should().Contain("alternate data streams");
        Directory.GetFileSystemEntries(_root).Should().BeEmpty();
    }

    [Test]
    public void A_shard_with_a_key_or_a_group_is_refused_because_Windows_has_no_permission_bits()
    {
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, Features);
        foreach (ShardInitializeOptions options in new[] { new ShardInitializeOptions { SignRecords = true }, new ShardInitializeOptions { MigratorGroupId = 1 } })
        {
            Action initialize = () => HsmShard.Initialize(shard, () => SecondaryStores.OpenOrCreate(_store), _store, options);
            initialize.Should().Throw<ShardNotSupportedException>().Which.Message.Should().Contain("access control list");
        }
    }

    private ShardDescriptor Initialize()
    {
        using WindowsShardFileSystem shard = WindowsShardFileSystem.Open(_root, Features);
        return HsmShard.Initialize(shard, () => SecondaryStores.OpenOrCreate(_store), _store, new ShardInitializeOptions());
    }

    private static void RequireFakes()
    {
        if (RealWindows.IsAsked)
            Assert.Ignore(RealWindows.OnlyFaked);
    }

    private IEnumerable<FakeFeatures.Opening> OpeningsOf(string path) => _fakes.Openings.Where(one => one.Path == path);

    private Node Open() => new(WindowsShardFileSystem.Open(_root, Features), _store);

    private static async Task<byte[]> ReadAsync(Node node, string path)
    {
        await using HsmFile file = await node.Volume.OpenFileAsync(path);
        using MemoryStream copy = new();
        await file.AsStream().CopyToAsync(copy);
        return copy.ToArray();
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly ISecondaryStore _store;
        private readonly SignalFileLockMonitor _monitor;

        public Node(IShardFileSystem shard, Uri store)
        {
            InodeCache cache = new(capacity: 1_000);
            Shard = shard;
            _store = SecondaryStores.Open(store);
            _monitor = new SignalFileLockMonitor(shard, cache, new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(500) });
            Volume = new HsmVolume(shard, cache, _monitor, LockModePolicy.Default, _store);
        }

        public IShardFileSystem Shard { get; }

        public HsmVolume Volume { get; }

        public async ValueTask DisposeAsync()
        {
            await Volume.DisposeAsync();
            await _monitor.DisposeAsync();
            await _store.DisposeAsync();
            Shard.Dispose();
        }
    }
}
