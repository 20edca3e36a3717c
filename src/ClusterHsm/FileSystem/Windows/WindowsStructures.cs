using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Windows;

/// <summary><c>OBJECT_ATTRIBUTES</c> (ntdef.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ObjectAttributes
{
    public uint Length;
    public nint RootDirectory;
    public UnicodeString* Name;
    public uint Attributes;
    public nint SecurityDescriptor;
    public nint SecurityQuality;
}

/// <summary><c>UNICODE_STRING</c>: lengths in bytes, without a NUL.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnicodeString
{
    public ushort Length;
    public ushort MaximumLength;
    public char* Text;
}

/// <summary><c>IO_STATUS_BLOCK</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoStatusBlock
{
    public nint Status;
    public nuint Information;
}

/// <summary><c>OVERLAPPED</c> (minwinbase.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Overlapped
{
    private readonly nuint _internal;
    private readonly nuint _internalHigh;
    public uint OffsetLow;
    public uint OffsetHigh;
    private readonly nint _event;
}

/// <summary><c>FILE_BASIC_INFO</c> (winbase.h). Times are 100 ns since 1601 UTC; set to 0 they stay, set to -1 this handle no longer moves them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileBasicInfo
{
    public long Created;
    public long Accessed;
    public long Written;
    public long Changed;
    public uint Attributes;
    private readonly uint _padding;
}

/// <summary><c>FILE_STANDARD_INFO</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileStandardInfo
{
    public long AllocationSize;
    public long EndOfFile;
    public uint LinkCount;
    public byte IsDeletePending;
    public byte IsDirectory;
}

/// <summary><c>FILE_ID_INFO</c>: a volume's serial number and <c>FILE_ID_128</c>, little-endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileIdInfo
{
    public ulong Volume;
    public ulong Low;
    public ulong High;
}

/// <summary><c>FILE_ATTRIBUTE_TAG_INFO</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileAttributeTagInfo
{
    public uint Attributes;
    public uint ReparseTag;
}

/// <summary><c>FILE_RENAME_INFORMATION</c> before its name, which begins at <see cref="NameOffset"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileRenameHeader
{
    public uint Flags;
    public nint RootDirectory;
    public uint NameLength;

    /// <summary>Right after <see cref="NameLength"/>, within the padding.</summary>
    public static int NameOffset => (2 * nint.Size) + sizeof(uint);
}

/// <summary><c>FILE_ID_BOTH_DIR_INFO</c> before its name, which begins at <see cref="NameOffset"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FileIdBothDirInfo
{
    public uint NextEntry;
    public uint FileIndex;
    public long Created;
    public long Accessed;
    public long Written;
    public long Changed;
    public long EndOfFile;
    public long AllocationSize;
    public uint Attributes;
    public uint NameLength;

    /// <summary>Of a reparse point its tag ([MS-FSCC] 2.4.17).</summary>
    public uint ExtendedLength;
    public byte ShortNameLength;
    public fixed char ShortName[12];
    public ulong FileId;

    public const int NameOffset = 104;
}

/// <summary><c>FILE_FS_DEVICE_INFORMATION</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileFsDeviceInformation
{
    public uint DeviceType;
    public uint Characteristics;
}

/// <summary>Two offsets or an offset and a length: <c>FILE_ALLOCATED_RANGE_BUFFER</c>, <c>FILE_ZERO_DATA_INFORMATION</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileSpan
{
    public long First;
    public long Second;
}
