using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>Numbers and structures of Darwin as those of Linux, and back. Written from the headers of both, not from the code under test.</summary>
internal static class DarwinTranslation
{
    // Darwin's, bsd/sys/fcntl.h.
    private const int Search = 0x4000_0000;

    /// <summary>Flags of open(2); what is not known is a fault of the caller's.</summary>
    internal static int OpenFlags(int darwin)
    {
        int linux = darwin & 3;
        int rest = darwin & ~3 & ~0x2000_0000; // O_NOFOLLOW_ANY is looked after by whoever asks
        Take(0x4, 0x800); // O_NONBLOCK
        Take(0x100, LinuxConstants.NoFollow);
        Take(0x200, 0x40); // O_CREAT
        Take(0x800, 0x80); // O_EXCL
        Take(0x2_0000, 0x100); // O_NOCTTY
        Take(0x10_0000, LinuxConstants.Directory);
        Take(0x100_0000, 0x8_0000); // O_CLOEXEC
        Take(Search, 0x20_0000); // O_SEARCH: O_PATH, with O_DIRECTORY above
        return rest == 0 ? linux : throw new ArgumentException($"No flag of open(2) on Darwin is 0x{rest:x}, or the fake does not know it.");

        void Take(int from, int to)
        {
            if ((rest & from) != 0)
                linux |= to;
            rest &= ~from;
        }
    }

    /// <summary>Error numbers: up to 34 they are the same, but for EAGAIN.</summary>
    internal static int Errno(int linux) => linux switch
    {
        11 => 35, // EAGAIN
        <= 34 => linux,
        35 => 11, // EDEADLK
        36 => 63, // ENAMETOOLONG
        37 => 77, // ENOLCK
        38 => 78, // ENOSYS
        39 => 66, // ENOTEMPTY
        40 => 62, // ELOOP
        61 => 93, // ENODATA is what Linux says for ENOATTR
        75 => 84, // EOVERFLOW
        95 => 45, // ENOTSUP
        116 => 70, // ESTALE
        122 => 69, // EDQUOT
        _ => throw new ArgumentException($"The fake knows no number of Darwin for Linux's {linux}."),
    };

    /// <summary>Types of locks: F_RDLCK 1, F_UNLCK 2, F_WRLCK 3 on Darwin; 0, 2, 1 on Linux.</summary>
    internal static short LockType(short darwin) => darwin switch
    {
        1 => 0,
        2 => 2,
        3 => 1,
        _ => -1,
    };

    internal static short LockTypeOfLinux(short linux) => linux switch
    {
        0 => 1,
        1 => 3,
        _ => 2,
    };

    /// <summary>SEEK_HOLE and SEEK_DATA are the other way round.</summary>
    internal static int Whence(int darwin) => darwin switch
    {
        3 => 4,
        4 => 3,
        _ => darwin,
    };

    internal static DarwinStat Stat(in StatxBuffer facts, uint flags) => new()
    {
        Device = (int)((facts.DeviceMajor << 20) | facts.DeviceMinor),
        Mode = facts.Mode,
        LinkCount = (ushort)facts.LinkCount,
        Inode = facts.Inode,
        UserId = facts.UserId,
        GroupId = facts.GroupId,
        Accessed = Time(facts.Accessed),
        Modified = Time(facts.Modified),
        Changed = Time(facts.Changed),
        Born = Time(facts.Born),
        Size = (long)facts.Size,
        Blocks = (long)facts.Blocks,
        BlockSize = (int)facts.BlockSize,
        Flags = flags,
    };

    private static DarwinTime Time(StatxTimestamp time) => new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
}
