using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Linux;

/// <summary><c>struct open_how</c> of openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}

/// <summary><c>struct xattr_args</c> of getxattrat(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct XAttrArguments
{
    public ulong Value;
    public uint Size;
    public uint Flags;
}

/// <summary><c>struct timespec</c> on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary><c>struct flock</c> on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FLock
{
    public short Type;
    public short Whence;
    public long Start;
    public long Length;

    /// <summary>Must be 0 for open-file-description locks, or the kernel answers EINVAL.</summary>
    public int ProcessId;
}

/// <summary><c>struct statx_timestamp</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTimestamp
{
    public long Seconds;
    public uint Nanoseconds;
    private readonly int _reserved;

    public readonly ShardTimestamp ToShardTimestamp() => new(Seconds, (int)Nanoseconds);
}

/// <summary><c>struct statx</c>: the same on every architecture, which <c>struct stat</c> is not. 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatxBuffer
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public ushort Mode;
    private readonly ushort _spare;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public StatxTimestamp Accessed;
    public StatxTimestamp Born;
    public StatxTimestamp Changed;
    public StatxTimestamp Modified;
    public uint SpecialMajor;
    public uint SpecialMinor;
    public uint DeviceMajor;
    public uint DeviceMinor;
    public ulong MountId;

    private const int TypeMask = 0xF000;
    private const ulong MountRoot = 0x2000;

    /// <summary>Whether something is mounted here: another file system, or another part of this one (STATX_ATTR_MOUNT_ROOT, Linux 5.8).</summary>
    public readonly bool IsMountRoot => (Attributes & AttributesMask & MountRoot) != 0;

    public readonly DeviceNumber Device => new(DeviceMajor, DeviceMinor);

    public readonly ShardEntryType Type => (Mode & TypeMask) switch
    {
        0x8000 => ShardEntryType.File,
        0x4000 => ShardEntryType.Directory,
        0xA000 => ShardEntryType.SymbolicLink,
        _ => ShardEntryType.Other,
    };

    public readonly ShardFileInfo ToInfo(DeviceNumber shardDevice) => new()
    {
        Identity = new FileIdentity(Inode, Device == shardDevice),
        Type = Type,
        Size = (long)Size,
        AllocatedBytes = (long)(Blocks * 512), // stx_blocks counts 512-byte units whatever the block size, says statx(2)
        Accessed = Accessed.ToShardTimestamp(),
        Modified = Modified.ToShardTimestamp(),
        Changed = Changed.ToShardTimestamp(),
        Mode = (UnixFileMode)(Mode & LinuxConstants.PermissionMask),
        UserId = UserId,
        GroupId = GroupId,
        LinkCount = LinkCount,
    };
}

/// <summary>The number of a device, as statx tells it.</summary>
internal readonly record struct DeviceNumber(uint Major, uint Minor);
