namespace ClusterHsm.FileSystem.Windows;

/// <summary>Constants of winnt.h, winbase.h, winioctl.h and ntifs.h, by their use.</summary>
internal static class WindowsConstants
{
    // Access rights.
    internal const uint ReadData = 0x1;
    internal const uint WriteData = 0x2;
    internal const uint ListDirectory = 0x1;
    internal const uint AddFile = 0x2;
    internal const uint Traverse = 0x20;
    internal const uint ReadAttributes = 0x80;
    internal const uint WriteAttributes = 0x100;
    internal const uint DeleteAccess = 0x10000;
    internal const uint Synchronize = 0x100000;

    // Share modes.
    internal const uint ShareRead = 1;
    internal const uint ShareWrite = 2;
    internal const uint ShareDelete = 4;
    internal const uint ShareAll = ShareRead | ShareWrite | ShareDelete;

    // Dispositions of NtCreateFile and, in the second group, of CreateFileW.
    internal const uint OpenThere = 1; // FILE_OPEN
    internal const uint CreateNew = 2; // FILE_CREATE
    internal const uint OpenOrCreate = 3; // FILE_OPEN_IF
    internal const uint Win32CreateNew = 1; // CREATE_NEW
    internal const uint Win32OpenExisting = 3; // OPEN_EXISTING

    // Options of NtCreateFile. FILE_OPEN_REPARSE_POINT and FILE_OPEN_NO_RECALL are what FILE_FLAG_OPEN_… of CreateFileW become.
    internal const uint DirectoryFile = 0x1;
    internal const uint SynchronousIo = 0x20; // FILE_SYNCHRONOUS_IO_NONALERT
    internal const uint NonDirectoryFile = 0x40;
    internal const uint OpenReparsePoint = 0x200000;
    internal const uint OpenNoRecall = 0x400000;

    // Flags of CreateFileW.
    internal const uint BackupSemantics = 0x2000000;
    internal const uint FlagOpenReparsePoint = 0x200000;
    internal const uint FlagOpenNoRecall = 0x100000;

    // Flags of OBJECT_ATTRIBUTES.
    internal const uint CaseInsensitive = 0x40;
    internal const uint DontReparse = 0x1000; // OBJ_DONT_REPARSE, Windows 10 1709

    // FILE_INFO_BY_HANDLE_CLASS.
    internal const int BasicInfo = 0;
    internal const int StandardInfo = 1;
    internal const int DispositionInfo = 4;
    internal const int EndOfFileInfo = 6;
    internal const int AttributeTagInfo = 9;
    internal const int IdBothDirectoryInfo = 10;
    internal const int IdBothDirectoryRestartInfo = 11;
    internal const int IdInfo = 18;

    // FILE_INFORMATION_CLASS of NtQueryDirectoryFile and NtSetInformationFile, FS_INFORMATION_CLASS of NtQueryVolumeInformationFile.
    internal const int IdBothDirectoryInformation = 37;
    internal const int RenameInformation = 10;
    internal const int DispositionInformation = 13;
    internal const int DispositionInformationEx = 64;
    internal const int RenameInformationEx = 65;
    internal const int DeviceInformation = 4;

    // FILE_DISPOSITION_…, FILE_RENAME_… of the Ex classes: as POSIX has it, the name goes at once though the file is open.
    internal const uint DispositionDelete = 0x1;
    internal const uint DispositionPosix = 0x2;
    internal const uint RenameReplace = 0x1;
    internal const uint RenamePosix = 0x2;

    // File attributes.
    internal const uint ReadOnly = 0x1;
    internal const uint Directory = 0x10;
    internal const uint Normal = 0x80;
    internal const uint ReparsePoint = 0x400;
    internal const uint Offline = 0x1000;
    internal const uint RecallOnOpen = 0x40000;
    internal const uint RecallOnDataAccess = 0x400000;

    /// <summary>
    /// Marks of a file whose data is elsewhere, as an open file shows them. 0x40000 is FILE_ATTRIBUTE_EA there, the file has extended
    /// attributes: RECALL_ON_OPEN "only appears in directory enumeration classes" (MSDN, File Attribute Constants).
    /// </summary>
    internal const uint Elsewhere = Offline | RecallOnDataAccess;

    /// <summary>The same marks as a folder shows them.</summary>
    internal const uint ListedElsewhere = Elsewhere | RecallOnOpen;

    /// <summary>The attributes that SetFileInformationByHandle takes (SetFileAttributesW's list); the others are the file system's own.</summary>
    internal const uint Settable = 0x1 | 0x2 | 0x4 | 0x20 | 0x80 | 0x100 | 0x1000 | 0x2000;

    // Volume flags.
    internal const uint SupportsSparseFiles = 0x40;
    internal const uint NamedStreams = 0x40000;
    internal const uint ReadOnlyVolume = 0x80000;

    /// <summary>FILE_REMOTE_DEVICE.</summary>
    internal const uint RemoteDevice = 0x10;

    /// <summary>A tag with this bit is a link: it stands for another name (IsReparseTagNameSurrogate). Others are the file's own storage.</summary>
    internal const uint NameSurrogate = 0x20000000;
    internal const uint SymbolicLinkTag = 0xA000000C;

    // Control codes.
    internal const uint SetSparse = 0x900C4;
    internal const uint GetReparsePoint = 0x900A8;
    internal const uint QueryAllocatedRanges = 0x940CF;
    internal const uint SetZeroData = 0x980C8;

    // LockFileEx.
    internal const uint FailImmediately = 1;
    internal const uint ExclusiveLock = 2;

    /// <summary>DUPLICATE_SAME_ACCESS.</summary>
    internal const uint SameAccess = 2;

    /// <summary>MOVEFILE_WRITE_THROUGH.</summary>
    internal const uint MoveWriteThrough = 8;
}
