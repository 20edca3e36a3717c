using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>Holes of whole blocks and zeros around them, on Darwin's calls faked on Linux, which refuse what is not aligned.</summary>
[TestFixture]
[Platform("Linux")]
public sealed class DarwinHolesTests
{
    private const int Block = 4096;

    private string _root = null!;

    [SetUp]
    public void MakeFolder() => _root = Directory.CreateTempSubdirectory("clusterhsm-holes-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [Test]
    public void Any_range_reads_as_zeros_and_nothing_else_changes_faked_on_Linux(
        [Values(0, 1, Block - 1, Block, Block + 1, 3 * Block)] int offset,
        [Values(1, 5, Block - 1, Block, Block + 1, 3 * Block, 1 << 20)] int length,
        [Values(1, Block, 4 * Block, 4 * Block + 17)] int size,
        [Values] HolesPastTheEnd pastTheEnd)
    {
        byte[] expected = new byte[size];
        new Random(1).NextBytes(expected);
        File.WriteAllBytes(Path.Combine(_root, "file"), expected);
        using MacShardFileSystem shard = MacShardFileSystem.Open(_root, new DarwinOnLinux { HolesPastTheEnd = pastTheEnd });
        using (IShardFile file = shard.Open("file", ShardOpenOptions.ReadWrite))
            file.PunchHole(offset, length);
        if (offset < size)
            Array.Clear(expected, offset, Math.Min(length, size - offset));
        File.ReadAllBytes(Path.Combine(_root, "file")).Should().Equal(expected);
    }

    [Test]
    public void At_no_moment_is_the_file_shorter_faked_on_Linux([Values(HolesPastTheEnd.Made, HolesPastTheEnd.Refused)] HolesPastTheEnd pastTheEnd)
    {
        DarwinOnLinux darwin = new() { HolesPastTheEnd = pastTheEnd };
        File.WriteAllBytes(Path.Combine(_root, "file"), new byte[3 * Block + 5]);
        using MacShardFileSystem shard = MacShardFileSystem.Open(_root, darwin);
        using IShardFile file = shard.Open("file", ShardOpenOptions.ReadWrite);
        file.PunchHole(0, 3 * Block + 5);
        darwin.Calls.Should().NotContainKey("ftruncate").And.ContainKey("fcntl 99");
        file.GetInfo().Size.Should().Be(3 * Block + 5);
    }

    [Test]
    public void A_file_system_without_holes_is_remembered_faked_on_Linux()
    {
        File.WriteAllBytes(Path.Combine(_root, "file"), new byte[100]);
        using MacShardFileSystem shard = MacShardFileSystem.Open(_root, new DarwinOnLinux { FileSystemType = "hfs" });
        shard.Capabilities.CanPunchHoles.Should().BeFalse();
        using IShardFile file = shard.Open("file", ShardOpenOptions.ReadWrite);
        file.Invoking(f => f.PunchHole(0, 100)).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotSupported);
    }
}
