using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>What the library and the command ask of a C library, held against what both glibc and musl have.</summary>
[TestFixture]
public sealed class CLibraryTests
{
    /// <summary>
    /// In the headers of musl 1.2.5 (fcntl.h, unistd.h, stdio.h, dirent.h, grp.h, time.h, sys/file.h, sys/ioctl.h, sys/mman.h, sys/resource.h, sys/stat.h, sys/statfs.h,
    /// sys/xattr.h) and exported by glibc 2.28. statx came to musl with 1.2.5, sync_file_range(2) and its kin long before.
    /// </summary>
    private static readonly string[] InBoth =
    [
        "clock_gettime", "close", "closedir", "fallocate", "fchmod", "fchown", "fcntl", "fdopendir", "fgetxattr", "flock", "fremovexattr",
        "fsetxattr", "fstatfs", "fsync", "ftruncate", "futimens", "getgrnam_r", "getrlimit", "getxattr", "ioctl", "lgetxattr", "link", "llistxattr", "lseek", "mkdir",
        "mkdirat", "mmap", "munmap", "open", "openat", "posix_fadvise", "pread", "pwrite", "readdir", "readlinkat", "renameat", "statx", "sync_file_range",
        "syncfs", "syscall", "unlink", "unlinkat", "write",
    ];

    /// <summary>Only musl 1.2.6 has it; LinuxStoreDisk does with a link where it is missing.</summary>
    private static readonly string[] WithAnotherWay = ["renameat2"];

    [Test]
    public void Every_function_that_is_called_on_Linux_is_in_glibc_and_in_musl()
    {
        Assembly[] assemblies = [typeof(IShardFileSystem).Assembly, typeof(ByteSize).Assembly];
        string[] called = [.. assemblies.SelectMany(NativeEntryPoints.OfLibC).Where(one => one.Class != "DarwinNative").Select(one => one.EntryPoint).Distinct()];
        called.Should().Contain(["statx", "flock", "renameat2"], "the search finds them in every corner");
        called.Except(WithAnotherWay).Should().BeSubsetOf(InBoth);
    }

    /// <remarks>No <c>struct stat</c>, whose layout is each architecture's own; these are the same on all of 64 bits.</remarks>
    [Test]
    public void Structures_of_the_kernel_have_one_layout_on_every_architecture()
    {
        Unsafe.SizeOf<StatxBuffer>().Should().Be(256); // linux/stat.h
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.Inode))).Should().Be(0x20);
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.Size))).Should().Be(0x28);
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.Accessed))).Should().Be(0x40);
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.Modified))).Should().Be(0x70);
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.DeviceMajor))).Should().Be(0x88);
        ((int)Marshal.OffsetOf<StatxBuffer>(nameof(StatxBuffer.MountId))).Should().Be(0x90);
        Unsafe.SizeOf<OpenHow>().Should().Be(24); // linux/openat2.h
        Unsafe.SizeOf<XAttrArguments>().Should().Be(16); // linux/xattr.h
        Unsafe.SizeOf<TimeSpec>().Should().Be(16);
        Unsafe.SizeOf<FLock>().Should().Be(32); // asm-generic/fcntl.h, padded to its longs
        ((int)Marshal.OffsetOf<FLock>(nameof(FLock.Start))).Should().Be(8);
        ((int)Marshal.OffsetOf<FLock>(nameof(FLock.ProcessId))).Should().Be(24);
    }

    /// <remarks>arch/arm64/include/uapi/asm/fcntl.h and arch/powerpc/include/uapi/asm/fcntl.h; all others have asm-generic's.</remarks>
    [Test]
    public void The_two_flags_of_open_that_differ_are_this_architectures()
    {
        bool ofArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;
        LinuxConstants.Directory.Should().Be(ofArm ? 0x4000 : 0x10000);
        LinuxConstants.NoFollow.Should().Be(ofArm ? 0x8000 : 0x20000);
    }

    /// <remarks>include/uapi/asm-generic/unistd.h and arch/x86/entry/syscalls/syscall_64.tbl: from 424 on all architectures count together.</remarks>
    [Test]
    public void System_calls_are_called_by_number_only_where_the_number_is_every_architectures() =>
        new[] { LinuxConstants.OpenAt2SystemCall, LinuxConstants.GetXAttrAtSystemCall, LinuxConstants.ListXAttrAtSystemCall }
            .Should().Equal(437, 464, 465).And.OnlyContain(number => number >= 424);
}
