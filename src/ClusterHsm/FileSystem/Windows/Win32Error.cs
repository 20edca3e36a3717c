namespace ClusterHsm.FileSystem.Windows;

/// <summary>Error numbers of Windows that this layer knows (winerror.h), and the NTSTATUS values that become one of them here.</summary>
internal static class Win32Error
{
    internal const int None = 0;
    internal const int InvalidFunction = 1;
    internal const int FileNotFound = 2;
    internal const int PathNotFound = 3;
    internal const int TooManyOpenFiles = 4;
    internal const int AccessDenied = 5;
    internal const int InvalidHandle = 6;
    internal const int NotEnoughMemory = 8;
    internal const int OutOfMemory = 14;
    internal const int NotSameDevice = 17;
    internal const int NoMoreFiles = 18;
    internal const int WriteProtected = 19;
    internal const int NotReady = 21;
    internal const int SharingViolation = 32;
    internal const int LockViolation = 33;
    internal const int HandleEof = 38;
    internal const int HandleDiskFull = 39;
    internal const int NotSupported = 50;
    internal const int BadNetPath = 53;
    internal const int DeviceGone = 55; // ERROR_DEV_NOT_EXIST
    internal const int UnexpectedNetError = 59;
    internal const int NetNameDeleted = 64;
    internal const int BadNetName = 67;
    internal const int FileExists = 80;
    internal const int InvalidParameter = 87;
    internal const int DiskFull = 112;
    internal const int CallNotImplemented = 120;
    internal const int SemaphoreTimeout = 121;
    internal const int InsufficientBuffer = 122;
    internal const int InvalidName = 123;
    internal const int InvalidLevel = 124;
    internal const int DirectoryNotEmpty = 145;
    internal const int NotLocked = 158;
    internal const int AlreadyExists = 183;
    internal const int NameTooLong = 206; // ERROR_FILENAME_EXCED_RANGE
    internal const int FileTooLarge = 223;
    internal const int MoreData = 234;
    internal const int Directory = 267; // ERROR_DIRECTORY: it is not one
    internal const int DeletePending = 303;
    internal const int DirectoryNotSupported = 336; // ERROR_DIRECTORY_NOT_SUPPORTED: it is one
    internal const int IoPending = 997;
    internal const int FileInvalid = 1006;
    internal const int IoDevice = 1117;
    internal const int TooManyLinks = 1142;
    internal const int PrivilegeNotHeld = 1314;
    internal const int UserMappedFile = 1224;
    internal const int NetworkUnreachable = 1231;
    internal const int HostUnreachable = 1232;
    internal const int ConnectionAborted = 1236;
    internal const int QuotaExceeded = 1295; // ERROR_DISK_QUOTA_EXCEEDED
    internal const int NoSystemResources = 1450;
    internal const int Timeout = 1460;
    internal const int ReparsePointEncountered = 4395;

    /// <summary>The number of an NTSTATUS.</summary>
    /// <remarks>RtlNtStatusToDosError makes "access denied" of several that are told apart here.</remarks>
    internal static int Of(int status) => unchecked((uint)status) switch
    {
        < 0x80000000 => None,
        0xC00000BA => DirectoryNotSupported, // STATUS_FILE_IS_A_DIRECTORY
        0xC0000103 => Directory, // STATUS_NOT_A_DIRECTORY
        0xC0000056 or 0xC0000123 => DeletePending, // STATUS_DELETE_PENDING, STATUS_FILE_DELETED
        0xC000050B or 0x8000002D => ReparsePointEncountered, // STATUS_REPARSE_POINT_ENCOUNTERED, STATUS_STOPPED_ON_SYMLINK
        0xC0000002 => CallNotImplemented, // STATUS_NOT_IMPLEMENTED
        0xC0000003 => InvalidLevel, // STATUS_INVALID_INFO_CLASS
        _ => WindowsNative.RtlNtStatusToDosError(status),
    };

    /// <summary>Whether the file system knows the call, or this way of it, at all.</summary>
    internal static bool IsUnknownCall(int error) =>
        error is InvalidFunction or NotSupported or InvalidParameter or CallNotImplemented or InvalidLevel;
}
