using System.Runtime.CompilerServices;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Windows;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Windows;

/// <summary>What the layer for Windows decides by itself, and the layouts that it hands to the system; on any computer.</summary>
[TestFixture]
public sealed class WindowsRulesTests
{
    [Test]
    public void An_id_of_64_bits_is_the_inode()
    {
        FileIdentity identity = WindowsFacts.IdentityOf(new FileIdInfo { Volume = 7, Low = 42 }, volume: 7);
        identity.Should().Be(new FileIdentity(42, true));
        WindowsFacts.IdentityOf(new FileIdInfo { Volume = 8, Low = 42 }, volume: 7).OnShardDevice.Should().BeFalse();
    }

    [Test]
    public void An_id_of_128_bits_is_folded_always_the_same_way_and_says_so()
    {
        var seen = new HashSet<ulong>();
        for (ulong high = 1; high <= 100; high++)
        {
            for (ulong low = 0; low < 100; low++)
            {
                FileIdentity identity = WindowsFacts.IdentityOf(new FileIdInfo { Low = low, High = high }, volume: 0);
                identity.IsFolded.Should().BeTrue();
                identity.Should().Be(WindowsFacts.IdentityOf(new FileIdInfo { Low = low, High = high }, volume: 0));
                seen.Add(identity.Inode).Should().BeTrue();
            }
        }
        seen.Should().NotContain(0);
    }

    [TestCase(116444736000000000, 0, 0)]
    [TestCase(116444736000000001, 0, 100)]
    [TestCase(116444735999999999, -1, 999_999_900)]
    [TestCase(1, -11644473600, 100)]
    public void A_time_of_Windows_is_100_ns_since_1601(long ticks, long seconds, int nanoseconds)
    {
        WindowsTime.ToShardTimestamp(ticks).Should().Be(new ShardTimestamp(seconds, nanoseconds));
        WindowsTime.TryFrom(new ShardTimestamp(seconds, nanoseconds), out long back).Should().BeTrue();
        back.Should().Be(ticks);
    }

    [TestCase(-11644473600, 0, TestName = "0 would mean: leave it")]
    [TestCase(-11644473601, 999_999_900, TestName = "-1 would mean: never move it")]
    [TestCase(long.MaxValue, 0)]
    [TestCase(long.MinValue, 0)]
    public void A_time_that_Windows_has_not_is_refused(long seconds, int nanoseconds) =>
        WindowsTime.TryFrom(new ShardTimestamp(seconds, nanoseconds), out _).Should().BeFalse();

    [TestCase(0x40u | 0x40000u, false, "NTFS", LockReach.Shared, true, true)]
    [TestCase(0x40u, false, "NTFS", LockReach.Shared, false, true)]
    [TestCase(0u, false, "FAT32", LockReach.Shared, false, false)]
    [TestCase(0x40u | 0x40000u, true, "NTFS", LockReach.Unknown, true, true)]
    [TestCase(0x40u | 0x40000u, false, "CSVFS", LockReach.Unknown, true, true)]
    public void A_volume_is_judged_by_its_name_its_flags_and_where_it_is(
        uint flags, bool isRemote, string type, LockReach reach, bool records, bool holes)
    {
        ShardCapabilities found = VolumeProbe.Of(type, flags, isRemote, NtfsFeatures.Instance);
        (found.LockReach, found.CanStoreRecords, found.CanPunchHoles).Should().Be((reach, records, holes));
        (found.LockDriver, found.HasBarrier, found.KeepsPermissionBits, found.IsReadOnly).Should().Be((LockDriver.LockFileEx, false, false, false));
        (found.RecordFault is null).Should().Be(reach == LockReach.Shared);
        found.QueriesSeeEveryNode.Should().Be(reach == LockReach.Shared);
    }

    [Test]
    public void A_write_protected_volume_is_read_only() =>
        VolumeProbe.Of("NTFS", 0x80000, false, NtfsFeatures.Instance).IsReadOnly.Should().BeTrue();

    [TestCase("user.clusterhsm", true, "clusterhsm")]
    [TestCase("user.clusterhsm.pin", true, "clusterhsm.pin")]
    [TestCase("security.capability", false, "")]
    public void A_users_attribute_is_a_stream_and_others_are_none(string name, bool expected, string stream)
    {
        WindowsShardFile.TryStreamOf(name, out string found).Should().Be(expected);
        found.Should().Be(stream);
    }

    [TestCase("")]
    [TestCase("user.a:b")]
    [TestCase("user.a\\b")]
    [TestCase("user.a/b")]
    public void A_stream_has_no_separators_in_its_name(string name)
    {
        Action ask = () => WindowsShardFile.TryStreamOf(name, out _);
        ask.Should().Throw<ArgumentException>();
    }

    [TestCase(2, ShardError.NotFound)]
    [TestCase(5, ShardError.AccessDenied)]
    [TestCase(6, ShardError.DeadHandle)]
    [TestCase(32, ShardError.Busy)]
    [TestCase(33, ShardError.Busy)]
    [TestCase(50, ShardError.NotSupported)]
    [TestCase(64, ShardError.DeadHandle)]
    [TestCase(112, ShardError.NoSpace)]
    [TestCase(1224, ShardError.Busy)]
    [TestCase(1450, ShardError.Temporary)]
    [TestCase(4395, ShardError.OutsideRoot)]
    public void An_error_of_Windows_is_a_kind_with_words(int error, ShardError kind)
    {
        ShardIOException failure = WindowsErrors.Failure("open", "C:/shard/file", error);
        (failure.Error, failure.NativeError).Should().Be((kind, error));
        failure.Message.Should().MatchRegex("^Cannot open 'C:/shard/file': [a-z].{10,}\\.$");
    }

    [TestCase(0, LockStatus.Granted)]
    [TestCase(33, LockStatus.Denied)]
    [TestCase(6, LockStatus.Failed)]
    [TestCase(50, LockStatus.Failed)]
    [TestCase(997, LockStatus.Failed)]
    public void Only_success_is_a_grant(int error, LockStatus status) => HandleLocks.ResultOf(error).Status.Should().Be(status);

    [Test]
    public void Layouts_are_those_of_the_64_bit_headers()
    {
        (Unsafe.SizeOf<ObjectAttributes>(), Unsafe.SizeOf<UnicodeString>(), Unsafe.SizeOf<IoStatusBlock>()).Should().Be((48, 16, 16));
        (Unsafe.SizeOf<FileBasicInfo>(), Unsafe.SizeOf<FileStandardInfo>(), Unsafe.SizeOf<FileIdInfo>()).Should().Be((40, 24, 24));
        (Unsafe.SizeOf<FileAttributeTagInfo>(), Unsafe.SizeOf<FileSpan>(), Unsafe.SizeOf<FileFsDeviceInformation>()).Should().Be((8, 16, 8));
        (FileRenameHeader.NameOffset, Unsafe.SizeOf<FileIdBothDirInfo>()).Should().Be((20, FileIdBothDirInfo.NameOffset));
    }
}
