using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>Numbers of the kernel's interface, from its uapi headers; the same on every 64-bit architecture unless said.</summary>
internal static class LinuxConstants
{
    // asm/fcntl.h
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int NoControllingTerminal = 0x100;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int PathOnly = 0x200000;

    /// <summary>O_DIRECTORY: Arm and POWER have numbers of their own for these two.</summary>
    internal static readonly int Directory = HasArmFlags ? 0x4000 : 0x10000;

    /// <summary>O_NOFOLLOW.</summary>
    internal static readonly int NoFollow = HasArmFlags ? 0x8000 : 0x20000;

    // linux/openat2.h; the call has this number on every architecture that .NET runs on.
    internal const int OpenAt2SystemCall = 437;
    internal const int GetXAttrAtSystemCall = 464; // these two as well
    internal const int ListXAttrAtSystemCall = 465;
    internal const ulong ResolveBeneath = 0x08;

    // linux/fcntl.h, linux/stat.h
    internal const int NoFollowFlag = 0x100;
    internal const int NoAutomount = 0x800;
    internal const int ForceSync = 0x2000;
    internal const int DoNotSync = 0x4000;
    internal const int EmptyPath = 0x1000;
    internal const uint StatType = 0x1;
    internal const uint StatMode = 0x2;
    internal const uint StatModified = 0x40;
    internal const uint StatInode = 0x100;
    internal const uint StatSize = 0x200;
    internal const uint StatBasic = 0x7FF;
    internal const uint StatMountId = 0x1000;
    internal const int PermissionMask = 0xFFF;

    // fcntl(2)
    internal const int SetSignal = 10;
    internal const int GetOpenFileLock = 36;
    internal const int SetOpenFileLock = 37;
    internal const int SetLease = 1024;
    internal const int DuplicateCloseOnExec = 1030;
    internal const short SharedLock = 0;
    internal const short ExclusiveLock = 1;
    internal const short NoLock = 2;

    // linux/falloc.h: FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
    internal const int PunchKeepingSize = 0x1 | 0x2;

    // asm/mman.h; MAP_FAILED
    internal const int MapReadable = 0x1;
    internal const int MapShared = 0x01;
    internal const nint MapFailed = -1;

    internal const int SeekData = 3;
    internal const int SeekHole = 4;
    internal const int BootTimeClock = 7;

    /// <summary>SIGURG: its default action is to be ignored (signal(7)).</summary>
    internal const int UrgentSignal = 23;

    private static bool HasArmFlags =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;
}
