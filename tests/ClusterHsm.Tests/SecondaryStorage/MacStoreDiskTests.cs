using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Tests.FileSystem.MacOS;
using FluentAssertions;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>What every store promises, of a folder on a Mac's disk: Darwin's calls, faked on Linux.</summary>
[TestFixture]
[Platform("Linux")]
public sealed class MacStoreFakedOnLinuxContract : SecondaryStoreContract
{
    private string _parent = null!;

    protected override ISecondaryStore CreateStore()
    {
        _parent = Directory.CreateTempSubdirectory("clusterhsm-store-").FullName;
        return DirectoryStore.OpenOrCreate(Path.Join(_parent, "store"), new MacStoreDisk(new DarwinOnLinux()));
    }

    protected override void RemoveStore() => Directory.Delete(_parent, recursive: true);
}

/// <summary>The disk by itself, on Darwin's calls faked on Linux.</summary>
[TestFixture]
[Platform("Linux")]
public sealed class MacStoreDiskTests
{
    private readonly DarwinOnLinux _darwin = new();
    private string _folder = null!;
    private MacStoreDisk _disk = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("clusterhsm-disk-").FullName;
        _disk = new MacStoreDisk(_darwin);
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void What_is_flushed_is_out_of_the_disks_cache_faked_on_Linux()
    {
        _darwin.Calls.Clear();
        using (SafeFileHandle file = _disk.CreateFile(PathOf("file")))
            _disk.FlushFile(file, PathOf("file"));
        _disk.FlushDirectory(_folder);
        _darwin.Calls[$"fcntl {DarwinConstants.FullSync}"].Should().Be(2);
        _disk.OpenBarrier(_folder).Should().BeNull();
    }

    [Test]
    public void A_rename_never_replaces_faked_on_Linux()
    {
        File.WriteAllText(PathOf("from"), "new");
        File.WriteAllText(PathOf("to"), "old");
        _disk.TryRename(PathOf("from"), PathOf("to")).Should().BeFalse();
        File.ReadAllText(PathOf("to")).Should().Be("old");
        _disk.TryRename(PathOf("from"), PathOf("other")).Should().BeTrue();
        File.Exists(PathOf("from")).Should().BeFalse();
    }

    [Test]
    public void No_link_is_followed_and_nothing_is_taken_for_a_file_that_is_none_faked_on_Linux()
    {
        File.WriteAllText(PathOf("file"), "x");
        File.CreateSymbolicLink(PathOf("link"), "file");
        Action open = () => _disk.OpenFile(PathOf("link"))?.Dispose();
        open.Should().Throw<StoreDiskException>().Which.Reason.Should().NotBeEmpty();
        Action look = () => _disk.GetInfo(PathOf("link"));
        look.Should().Throw<StoreDiskException>();
        _disk.OpenFile(PathOf("nothing")).Should().BeNull();
        _disk.GetInfo(PathOf("nothing")).Should().BeNull();
        _disk.Delete(PathOf("nothing")).Should().BeFalse();
        _disk.GetInfo(PathOf("file"))!.Value.Length.Should().Be(1);
    }

    [TestCase(28, StoreErrno.NoSpace)]
    [TestCase(30, StoreErrno.ReadOnly)]
    [TestCase(69, StoreErrno.QuotaExceeded)]
    [TestCase(45, StoreErrno.NotSupported)]
    [TestCase(102, StoreErrno.NotSupported)]
    [TestCase(78, StoreErrno.NoSystemCall)]
    [TestCase(StoreErrno.NotSupported, StoreErrno.NotSupported)]
    [TestCase(StoreErrno.QuotaExceeded, StoreErrno.QuotaExceeded)]
    public void Error_numbers_of_Darwin_have_the_stores_names_for_them_once_and_twice(int darwin, int store) =>
        MacStoreDisk.ErrnoOf(darwin).Should().Be(store);

    private string PathOf(string name) => Path.Combine(_folder, name);
}
