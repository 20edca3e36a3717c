using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>What needs no system to be tried: names, paths, file systems, the clock.</summary>
[TestFixture]
public sealed class DarwinRulesTests
{
    [TestCase("apfs", DarwinConstants.MountLocal, LockReach.Shared, true)]
    [TestCase("hfs", DarwinConstants.MountLocal, LockReach.Shared, false)]
    [TestCase("apfs", 0u, LockReach.Unknown, true)]
    [TestCase("exfat", DarwinConstants.MountLocal, LockReach.Unknown, true)]
    [TestCase("macfuse", DarwinConstants.MountLocal, LockReach.Unknown, true)]
    [TestCase("nfs", 0u, LockReach.Unknown, true)]
    [TestCase("smbfs", 0u, LockReach.Unknown, true)]
    public void Only_the_systems_own_local_file_systems_are_believed(string type, uint flags, LockReach reach, bool punches)
    {
        ShardCapabilities capabilities = DarwinFileSystem.Of(type, flags, canStoreRecords: true);
        (capabilities.FileSystemType, capabilities.LockReach, capabilities.CanPunchHoles).Should().Be((type, reach, punches));
        (capabilities.RecordFault is null).Should().Be(reach == LockReach.Shared);
        capabilities.CanStoreRecords.Should().Be(type is "apfs" or "hfs", "elsewhere attributes may be files beside");
        capabilities.HasBarrier.Should().BeFalse();
        capabilities.QueriesSeeEveryNode.Should().BeFalse("F_OFD_GETLK has never been tried on macOS");
        capabilities.FlockConflictsWithRanges.Should().BeTrue("lf_getblock does not tell them apart");
    }

    [Test]
    public void A_read_only_mount_is_told()
    {
        DarwinFileSystem.Of("apfs", DarwinConstants.MountLocal | DarwinConstants.MountReadOnly, true).IsReadOnly.Should().BeTrue();
        DarwinFileSystem.Of("apfs", DarwinConstants.MountLocal, true).IsReadOnly.Should().BeFalse();
    }

    [TestCase(4096u, 4096)]
    [TestCase(512u, 512)]
    [TestCase(0u, 4096)]
    [TestCase(4097u, 4096)]
    [TestCase(uint.MaxValue, 4096)]
    public void A_block_size_is_a_power_of_two(uint told, long taken) => DarwinFileSystem.BlockOf(told).Should().Be(taken);

    [TestCase("a/b", true)]
    [TestCase("", true)]
    [TestCase("a/./b//c/", true)]
    [TestCase("a..b/..c/d..", true)]
    [TestCase("...", true)]
    [TestCase("..", false)]
    [TestCase("a/..", false)]
    [TestCase("a/../b", false)]
    [TestCase("a//..//b", false)]
    [TestCase("/a", false)]
    public void A_path_without_two_dots_only_leads_down(string path, bool down) =>
        BelowRoot.OnlyLeadsDown([.. System.Text.Encoding.UTF8.GetBytes(path), 0]).Should().Be(down);

    [Test]
    public void An_attribute_of_users_has_its_name_without_Linuxs_prefix()
    {
        MacShardFile.TryEncode("user.clusterhsm", out byte[] key).Should().BeTrue();
        key.Should().Equal([.. "clusterhsm"u8, 0]);
        MacShardFile.TryEncode("security.capability", out _).Should().BeFalse();
        MacShardFile.TryEncode("user.", out _).Should().BeFalse();
        Action tooLong = () => MacShardFile.TryEncode("user." + new string('x', 123), out _);
        tooLong.Should().Throw<ArgumentException>();
    }

    [Test]
    public void Ticks_become_nanoseconds_exactly_for_centuries()
    {
        ContinuousTimeProvider clock = new(new DarwinOnLinux()); // 125/3, as on Apple silicon
        clock.ToNanoseconds(24_000_000).Should().Be(1_000_000_000);
        clock.ToNanoseconds(1).Should().Be(41);
        clock.ToNanoseconds(3).Should().Be(125);
        const ulong centuries = 24_000_000UL * 60 * 60 * 24 * 365 * 250;
        clock.ToNanoseconds(centuries).Should().Be(1_000_000_000UL * 60 * 60 * 24 * 365 * 250);
        clock.ToNanoseconds(centuries + 1).Should().Be(clock.ToNanoseconds(centuries) + 41);
        clock.TimestampFrequency.Should().Be(1_000_000_000);
    }

    [Test]
    public void A_dead_network_is_told_from_a_full_disk()
    {
        DarwinErrors.Failure("read", "/file", 70).Message.Should().Contain("ESTALE");
        DarwinErrors.Failure("read", "/file", 69).Message.Should().Contain("quota");
        DarwinErrors.Failure("read", "/file", 11).Message.Should().Contain("setiopolicy_np");
    }
}
