using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.MacOS;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>
/// Structures as the headers of xnu-11417.101.15 lay them out on LP64, each offset worked out by hand from the members that stand there.
/// </summary>
[TestFixture]
public sealed class DarwinLayoutTests
{
    /// <remarks>
    /// bsd/sys/stat.h, __DARWIN_STRUCT_STAT64: dev_t is int32, mode_t and nlink_t uint16, ino64_t uint64, uid_t and gid_t uint32, timespec two
    /// longs, off_t and blkcnt_t int64, blksize_t int32.
    /// </remarks>
    [TestCase(nameof(DarwinStat.Device), 0)]
    [TestCase(nameof(DarwinStat.Mode), 4)]
    [TestCase(nameof(DarwinStat.LinkCount), 6)]
    [TestCase(nameof(DarwinStat.Inode), 8)]
    [TestCase(nameof(DarwinStat.UserId), 16)]
    [TestCase(nameof(DarwinStat.GroupId), 20)]
    [TestCase(nameof(DarwinStat.SpecialDevice), 24)]
    [TestCase(nameof(DarwinStat.Accessed), 32)]
    [TestCase(nameof(DarwinStat.Modified), 48)]
    [TestCase(nameof(DarwinStat.Changed), 64)]
    [TestCase(nameof(DarwinStat.Born), 80)]
    [TestCase(nameof(DarwinStat.Size), 96)]
    [TestCase(nameof(DarwinStat.Blocks), 104)]
    [TestCase(nameof(DarwinStat.BlockSize), 112)]
    [TestCase(nameof(DarwinStat.Flags), 116)]
    [TestCase(nameof(DarwinStat.Generation), 120)]
    public void Struct_stat_is_laid_out_as_in_stat_h(string member, int offset) => OffsetOf<DarwinStat>(member).Should().Be(offset);

    /// <remarks>bsd/sys/mount.h, __DARWIN_STRUCT_STATFS64: MFSTYPENAMELEN is 16, MAXPATHLEN 1024, fsid_t two int32.</remarks>
    [TestCase(nameof(DarwinStatFs.BlockSize), 0)]
    [TestCase(nameof(DarwinStatFs.TransferSize), 4)]
    [TestCase(nameof(DarwinStatFs.Blocks), 8)]
    [TestCase(nameof(DarwinStatFs.FreeFiles), 40)]
    [TestCase(nameof(DarwinStatFs.Id), 48)]
    [TestCase(nameof(DarwinStatFs.Owner), 56)]
    [TestCase(nameof(DarwinStatFs.Type), 60)]
    [TestCase(nameof(DarwinStatFs.Flags), 64)]
    [TestCase(nameof(DarwinStatFs.SubType), 68)]
    [TestCase(nameof(DarwinStatFs.TypeName), 72)]
    [TestCase(nameof(DarwinStatFs.MountedOn), 88)]
    [TestCase(nameof(DarwinStatFs.MountedFrom), 1112)]
    [TestCase(nameof(DarwinStatFs.ExtendedFlags), 2136)]
    public void Struct_statfs_is_laid_out_as_in_mount_h(string member, int offset) => OffsetOf<DarwinStatFs>(member).Should().Be(offset);

    /// <remarks>bsd/sys/fcntl.h, struct flock: off_t, off_t, pid_t (int32), short, short.</remarks>
    [TestCase(nameof(DarwinLock.Start), 0)]
    [TestCase(nameof(DarwinLock.Length), 8)]
    [TestCase(nameof(DarwinLock.ProcessId), 16)]
    [TestCase(nameof(DarwinLock.Type), 20)]
    [TestCase(nameof(DarwinLock.Whence), 22)]
    public void Struct_flock_is_laid_out_as_in_fcntl_h(string member, int offset) => OffsetOf<DarwinLock>(member).Should().Be(offset);

    /// <remarks>bsd/sys/fcntl.h, fpunchhole_t: two unsigned ints, two off_t.</remarks>
    [TestCase(nameof(DarwinHole.Flags), 0)]
    [TestCase(nameof(DarwinHole.Reserved), 4)]
    [TestCase(nameof(DarwinHole.Offset), 8)]
    [TestCase(nameof(DarwinHole.Length), 16)]
    public void Fpunchhole_t_is_laid_out_as_in_fcntl_h(string member, int offset) => OffsetOf<DarwinHole>(member).Should().Be(offset);

    /// <remarks>bsd/sys/fcntl.h, struct radvisory: off_t, int.</remarks>
    [TestCase(nameof(DarwinReadAdvice.Offset), 0)]
    [TestCase(nameof(DarwinReadAdvice.Count), 8)]
    public void Struct_radvisory_is_laid_out_as_in_fcntl_h(string member, int offset) => OffsetOf<DarwinReadAdvice>(member).Should().Be(offset);

    /// <remarks>bsd/sys/dirent.h, __DARWIN_STRUCT_DIRENTRY: uint64, uint64, uint16, uint16, uint8, then the name.</remarks>
    [TestCase(nameof(DarwinDirectoryEntry.Inode), 0)]
    [TestCase(nameof(DarwinDirectoryEntry.SeekOffset), 8)]
    [TestCase(nameof(DarwinDirectoryEntry.RecordLength), 16)]
    [TestCase(nameof(DarwinDirectoryEntry.NameLength), 18)]
    [TestCase(nameof(DarwinDirectoryEntry.Type), 20)]
    public void Struct_dirent_is_laid_out_as_in_dirent_h(string member, int offset) => OffsetOf<DarwinDirectoryEntry>(member).Should().Be(offset);

    [Test]
    public void The_name_of_a_directory_entry_follows_its_type_without_padding() => DarwinDirectoryEntry.NameOffset.Should().Be(21);

    [Test]
    public void Structures_have_the_sizes_that_their_members_add_up_to()
    {
        Unsafe.SizeOf<DarwinTime>().Should().Be(16);
        Unsafe.SizeOf<DarwinStat>().Should().Be(144);
        Unsafe.SizeOf<DarwinStatFs>().Should().Be(2168);
        Unsafe.SizeOf<DarwinLock>().Should().Be(24);
        Unsafe.SizeOf<DarwinHole>().Should().Be(24);
        Unsafe.SizeOf<DarwinReadAdvice>().Should().Be(16);
        Unsafe.SizeOf<DarwinTimeBase>().Should().Be(8);
    }

    private static int OffsetOf<T>(string member) where T : struct => (int)Marshal.OffsetOf<T>(member);
}
