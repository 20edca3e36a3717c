using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary><c>struct timespec</c> (bsd/sys/_types/_timespec.h): both members are longs on every Mac that .NET runs on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinTime
{
    public long Seconds;
    public long Nanoseconds;

    public readonly ShardTimestamp ToShardTimestamp() => new(Seconds, (int)Nanoseconds);
}

/// <summary><c>struct stat</c> with 64-bit inode numbers (<c>__DARWIN_STRUCT_STAT64</c> of bsd/sys/stat.h). 144 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinStat
{
    public int Device;
    public ushort Mode;
    public ushort LinkCount;
    public ulong Inode;
    public uint UserId;
    public uint GroupId;
    public int SpecialDevice;
    private readonly int _padding;
    public DarwinTime Accessed;
    public DarwinTime Modified;
    public DarwinTime Changed;
    public DarwinTime Born;
    public long Size;
    public long Blocks;
    public int BlockSize;
    public uint Flags;
    public uint Generation;
    private readonly int _spare;
    private readonly long _spare1;
    private readonly long _spare2;

    public readonly ShardEntryType Type => (Mode & DarwinConstants.TypeMask) switch
    {
        DarwinConstants.RegularType => ShardEntryType.File,
        DarwinConstants.DirectoryType => ShardEntryType.Directory,
        DarwinConstants.LinkType => ShardEntryType.SymbolicLink,
        _ => ShardEntryType.Other,
    };

    public readonly FileIdentity Identity(int shardDevice) => new(Inode, Device == shardDevice);

    public readonly ShardFileInfo ToInfo(int shardDevice) => new()
    {
        Identity = Identity(shardDevice),
        Type = Type,
        Size = Size,
        AllocatedBytes = Blocks * 512, // S_BLKSIZE of bsd/sys/stat.h
        Accessed = Accessed.ToShardTimestamp(),
        Modified = Modified.ToShardTimestamp(),
        Changed = Changed.ToShardTimestamp(),
        Mode = (UnixFileMode)(Mode & DarwinConstants.PermissionMask),
        UserId = UserId,
        GroupId = GroupId,
        LinkCount = LinkCount,
        IsOffline = (Flags & DarwinConstants.Dataless) != 0,
    };
}

/// <summary><c>struct statfs</c> with 64-bit inode numbers (<c>__DARWIN_STRUCT_STATFS64</c> of bsd/sys/mount.h). 2168 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DarwinStatFs
{
    public uint BlockSize;
    public int TransferSize;
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public fixed int Id[2];
    public uint Owner;
    public uint Type;
    public uint Flags;
    public uint SubType;
    public fixed byte TypeName[16];
    public fixed byte MountedOn[1024];
    public fixed byte MountedFrom[1024];
    public uint ExtendedFlags;
    private fixed uint _reserved[7];
}

/// <summary><c>struct flock</c> (bsd/sys/fcntl.h): not in Linux's order. 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinLock
{
    public long Start;

    /// <summary>0 reaches to the end of the address space.</summary>
    public long Length;

    public int ProcessId;
    public short Type;
    public short Whence;
}

/// <summary><c>fpunchhole_t</c> (bsd/sys/fcntl.h). 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinHole
{
    public uint Flags;
    public uint Reserved;
    public long Offset;
    public long Length;
}

/// <summary><c>struct radvisory</c> (bsd/sys/fcntl.h). 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinReadAdvice
{
    public long Offset;
    public int Count;
}

/// <summary><c>struct dirent</c> with 64-bit inode numbers (<c>__DARWIN_STRUCT_DIRENTRY</c> of bsd/sys/dirent.h), up to its name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinDirectoryEntry
{
    /// <summary>Where the name begins, closed by a NUL: right after the type, without padding.</summary>
    internal const int NameOffset = 21;

    public ulong Inode;
    public ulong SeekOffset;
    public ushort RecordLength;
    public ushort NameLength;
    public byte Type;
}

/// <summary><c>struct mach_timebase_info</c> (osfmk/mach/mach_time.h): a tick has Numerator/Denominator nanoseconds.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinTimeBase
{
    public uint Numerator;
    public uint Denominator;
}
