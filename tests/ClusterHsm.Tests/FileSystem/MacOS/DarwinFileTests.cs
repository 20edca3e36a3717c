using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.Tests.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>What the contract cannot see: which calls are made, on Darwin's calls faked on Linux.</summary>
[TestFixture]
[Platform("Linux")]
public sealed class DarwinFileTests
{
    private string _root = null!;
    private DarwinOnLinux _darwin = null!;
    private MacShardFileSystem _shard = null!;

    [SetUp]
    public void MakeShard()
    {
        _root = Directory.CreateTempSubdirectory("clusterhsm-darwin-").FullName;
        _darwin = new DarwinOnLinux();
        _shard = MacShardFileSystem.Open(_root, _darwin);
        Directory.CreateDirectory(Path.Combine(_root, "a/b/c"));
        File.WriteAllBytes(Path.Combine(_root, "a/b/c/file"), [1, 2, 3]);
        _darwin.Calls.Clear();
    }

    [TearDown]
    public void RemoveShard()
    {
        _shard.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Test]
    public void A_plain_path_is_one_open_and_one_look_faked_on_Linux()
    {
        _shard.Open("a/b/c/file", ShardOpenOptions.Read).Dispose();
        _darwin.Calls.Should().Equal(new Dictionary<string, int> { ["openat"] = 1, ["fstat"] = 1 });
        _darwin.Calls.Clear();
        _shard.GetInfo("a/b/c/file").Should().NotBeNull();
        _darwin.Calls.Should().Equal(new Dictionary<string, int> { ["fstatat"] = 1 });
    }

    [TestCase("way/c/file")]
    [TestCase("a/b/../b/c/file")]
    [TestCase("last")]
    public void A_path_with_links_or_dots_is_walked_faked_on_Linux(string path)
    {
        File.CreateSymbolicLink(Path.Combine(_root, "way"), "a/b");
        File.CreateSymbolicLink(Path.Combine(_root, "last"), "way/c/file");
        using IShardFile file = _shard.Open(path, ShardOpenOptions.Read);
        file.Identity.Should().Be(_shard.GetInfo("a/b/c/file")!.Value.Identity);
        _darwin.Calls["openat"].Should().BeGreaterThan(2);
    }

    [Test]
    public void Flush_goes_through_the_disks_cache_faked_on_Linux()
    {
        using IShardFile file = _shard.Open("a/b/c/file", ShardOpenOptions.ReadWrite);
        _darwin.Calls.Clear();
        file.Flush();
        _darwin.Calls.Should().Equal(new Dictionary<string, int> { ["fcntl 51"] = 1 });
        file.WriteBack();
        _darwin.Calls.Should().ContainKey("fsync");
    }

    [Test]
    public void Where_there_is_no_full_flush_there_is_fsync_faked_on_Linux()
    {
        DarwinOnLinux darwin = new() { LacksFullSync = true };
        using MacShardFileSystem shard = MacShardFileSystem.Open(_root, darwin);
        using IShardFile file = shard.Open("a/b/c/file", ShardOpenOptions.ReadWrite);
        file.Flush();
        darwin.Calls["fsync"].Should().Be(1);
        shard.FlushDirectory("a");
        darwin.Calls["fsync"].Should().Be(2);
    }

    [Test]
    public void A_dataless_file_is_seen_as_one_and_nothing_is_read_of_it_faked_on_Linux()
    {
        ShardFileInfo before = _shard.GetInfo("a/b/c/file")!.Value;
        before.IsOffline.Should().BeFalse();
        _darwin.Dataless[before.Identity.Inode] = true;
        _shard.GetInfo("a/b/c/file")!.Value.IsOffline.Should().BeTrue();
        using IShardFile file = _shard.Open("a/b/c/file", ShardOpenOptions.Read);
        file.GetInfo().IsOffline.Should().BeTrue();
    }

    [Test]
    public void A_renamed_file_is_opened_anew_by_the_name_that_it_has_now_faked_on_Linux()
    {
        using IShardFile file = _shard.Open("a/b/c/file", ShardOpenOptions.Read);
        _shard.Rename("a/b/c/file", "a/other");
        using IShardFile again = file.Reopen(ShardOpenOptions.ReadWrite);
        again.Identity.Should().Be(file.Identity);
        _darwin.Calls.Should().ContainKey("fcntl 50");
    }

    [Test]
    public void A_descriptor_is_closed_however_a_call_ends_faked_on_Linux()
    {
        int before = OpenBelowRoot();
        LinuxShard.Pipe(Path.Combine(_root, "pipe"));
        _shard.Invoking(s => s.Open("pipe", ShardOpenOptions.Read)).Should().Throw<ShardIOException>();
        _shard.Invoking(s => s.Open("a/../..", ShardOpenOptions.Read)).Should().Throw<ShardIOException>();
        _shard.Invoking(s => s.Open("a/b/../nothing", ShardOpenOptions.Read)).Should().Throw<ShardIOException>();
        _shard.ReadDirectory("a").Should().NotBeEmpty();
        _shard.ReadDirectory("a").Take(0).Should().BeEmpty();
        _shard.GetInfo("a/b/../b/c/file").Should().NotBeNull();
        using (IShardFile file = _shard.Open("a/b/c/file", ShardOpenOptions.Read))
        {
            _ = file.Handle;
            file.Reopen(ShardOpenOptions.Read).Dispose();
        }
        OpenBelowRoot().Should().Be(before);
    }

    private int OpenBelowRoot() => Directory.GetFileSystemEntries("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_root, StringComparison.Ordinal) == true);
}
