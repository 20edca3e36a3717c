namespace ClusterHsm.FileSystem.MacOS;

/// <summary>
/// Numbers of the kernel's interface, the same on Intel and Apple silicon. The file of xnu that each stands in is named; they were read
/// in xnu-11417.101.15 (macOS 15.4), and what is not as old as the system is in xnu-10002.1.13 (macOS 14.0) too, the oldest that .NET 10
/// runs on.
/// </summary>
internal static class DarwinConstants
{
    // bsd/sys/fcntl.h
    internal const int ReadOnly = 0x0000;
    internal const int WriteOnly = 0x0001;
    internal const int ReadWrite = 0x0002;
    internal const int NonBlocking = 0x0004;
    internal const int NoFollow = 0x0100;
    internal const int Create = 0x0200;
    internal const int Exclusive = 0x0800;
    internal const int NoControllingTerminal = 0x0002_0000;
    internal const int Directory = 0x0010_0000;
    internal const int CloseOnExec = 0x0100_0000;

    /// <summary>O_NOFOLLOW_ANY: ELOOP for the first link anywhere in the path.</summary>
    internal const int NoFollowAny = 0x2000_0000;

    /// <summary>O_SEARCH (O_EXEC | O_DIRECTORY): a directory that may be walked through and need not be readable.</summary>
    internal const int Search = 0x4000_0000 | Directory;

    internal const int CurrentDirectory = -2; // AT_FDCWD
    internal const int StatNoFollow = 0x0020; // AT_SYMLINK_NOFOLLOW

    /// <summary>AT_SYMLINK_NOFOLLOW_ANY: a link at the end is looked at itself, ELOOP for one before.</summary>
    internal const int StatNoFollowAny = 0x0800;

    internal const int SetReadAhead = 45; // F_RDAHEAD
    internal const int AdviseRead = 44; // F_RDADVISE
    internal const int GetPath = 50; // F_GETPATH
    internal const int FullSync = 51; // F_FULLFSYNC
    internal const int DuplicateCloseOnExec = 67; // F_DUPFD_CLOEXEC
    internal const int SetOpenFileLock = 90; // F_OFD_SETLK
    internal const int GetOpenFileLock = 92; // F_OFD_GETLK
    internal const int PunchHole = 99; // F_PUNCHHOLE

    internal const short SharedLock = 1; // F_RDLCK
    internal const short NoLock = 2; // F_UNLCK
    internal const short ExclusiveLock = 3; // F_WRLCK

    // bsd/sys/_types/_seek_set.h: the other way round on Linux.
    internal const int SeekHole = 3;
    internal const int SeekData = 4;

    // bsd/sys/_types/_s_ifmt.h, bsd/sys/dirent.h (DT_… is the same shifted by 12)
    internal const int TypeMask = 0xF000;
    internal const int DirectoryType = 0x4000;
    internal const int RegularType = 0x8000;
    internal const int LinkType = 0xA000;
    internal const int PermissionMask = 0xFFF;

    // bsd/sys/stat.h
    internal const uint Dataless = 0x4000_0000; // SF_DATALESS
    internal const long Now = -1; // UTIME_NOW

    // bsd/sys/xattr.h
    internal const int MaxAttributeName = 127; // XATTR_MAXNAMELEN

    // bsd/sys/mount.h
    internal const uint MountReadOnly = 0x0000_0001; // MNT_RDONLY
    internal const uint MountLocal = 0x0000_1000; // MNT_LOCAL

    // bsd/sys/stdio.h
    internal const uint RenameExclusively = 0x0000_0004; // RENAME_EXCL

    // bsd/sys/syslimits.h: PATH_MAX, with the NUL
    internal const int MaxPath = 1024;
}
