using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>The C library's calls that this layer is made of: those that glibc (2.28 on) and musl (1.2.5 on) both have.</summary>
/// <remarks>
/// Some of these are variadic in C. On Linux every 64-bit calling convention passes variadic integers as it passes named ones, so a
/// plain declaration is right (it would not be on Apple silicon). None is called with SuppressGCTransition: each can wait for a server.
/// The calls of an open, a read and a close take a plain descriptor and do not set the last error, which makes two calls more of each:
/// whoever makes them keeps the descriptor open, and asks <see cref="FreshError"/> after a failure.
/// </remarks>
internal static unsafe partial class LinuxNative
{
    private const string LibC = "libc";

    /// <summary>openat2(2), which has no wrapper in either library.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall")]
    internal static partial nint OpenAt2(nint number, nint directory, byte* path, OpenHow* how, nuint size);

    [LibraryImport(LibC, EntryPoint = "open", SetLastError = true)]
    internal static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport(LibC, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(LinuxFileHandle directory, byte* name, int flags, uint mode);

    [LibraryImport(LibC, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(LibC, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(LinuxFileHandle directory, byte* name, byte* buffer, nuint size);

    [LibraryImport(LibC, EntryPoint = "statx")]
    internal static partial int StatX(int directory, byte* name, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport(LibC, EntryPoint = "pread")]
    internal static partial nint PRead(int file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint PWrite(LinuxFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* MMap(void* address, nuint length, int protection, int flags, LinuxFileHandle file, long offset);

    [LibraryImport(LibC, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int MUnmap(void* address, nuint length);

    [LibraryImport(LibC, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int FTruncate(LinuxFileHandle file, long length);

    [LibraryImport(LibC, EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int FAllocate(LinuxFileHandle file, int mode, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(LinuxFileHandle file, long offset, int whence);

    [LibraryImport(LibC, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int FUtimeNs(LinuxFileHandle file, TimeSpec* accessedAndModified);

    [LibraryImport(LibC, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int FChown(LinuxFileHandle file, uint userId, uint groupId);

    [LibraryImport(LibC, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int FChmod(LinuxFileHandle file, uint mode);

    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(LinuxFileHandle file);

    [LibraryImport(LibC, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFs(LinuxFileHandle file);

    [LibraryImport(LibC, EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncFileRange(LinuxFileHandle file, long offset, long length, uint flags);

    [LibraryImport(LibC, EntryPoint = "posix_fadvise")]
    internal static partial int PosixFAdvise(LinuxFileHandle file, long offset, long length, int advice);

    [LibraryImport(LibC, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint FGetXAttr(LinuxFileHandle file, byte* name, byte* value, nuint size);

    [LibraryImport(LibC, EntryPoint = "getxattr", SetLastError = true)]
    internal static partial nint GetXAttr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(LibC, EntryPoint = "lgetxattr", SetLastError = true)]
    internal static partial nint LGetXAttr(byte* path, byte* name, byte* value, nuint size);

    /// <summary>getxattrat(2), for which the libraries are too old.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint GetXAttrAt(nint number, int directory, byte* path, uint flags, byte* name, XAttrArguments* arguments, nuint size);

    [LibraryImport(LibC, EntryPoint = "llistxattr", SetLastError = true)]
    internal static partial nint LListXAttr(byte* path, byte* list, nuint size);

    /// <summary>listxattrat(2), the same.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint ListXAttrAt(nint number, int directory, byte* path, uint flags, byte* list, nuint size);

    [LibraryImport(LibC, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int FSetXAttr(LinuxFileHandle file, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(LibC, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int FRemoveXAttr(LinuxFileHandle file, byte* name);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntl(LinuxFileHandle file, int command, nint argument);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntl(LinuxFileHandle file, int command, FLock* argument);

    [LibraryImport(LibC, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkDirAt(LinuxFileHandle directory, byte* name, uint mode);

    [LibraryImport(LibC, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(LinuxFileHandle directory, byte* name, int flags);

    [LibraryImport(LibC, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(LinuxFileHandle fromDirectory, byte* from, LinuxFileHandle toDirectory, byte* to);

    [LibraryImport(LibC, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint FdOpenDir(int descriptor);

    /// <summary>readdir(3). The stub that is generated for SetLastError clears errno first, which is how an end is told from a failure.</summary>
    [LibraryImport(LibC, EntryPoint = "readdir", SetLastError = true)]
    internal static partial byte* ReadDir(nint stream);

    [LibraryImport(LibC, EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseDir(nint stream);

    /// <summary>clock_gettime(2), answered in user space by the vDSO: it never blocks, so that the GC need not be told of the call.</summary>
    [LibraryImport(LibC, EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    internal static partial int ClockGetTime(int clock, TimeSpec* time);

    /// <summary>The error number of the last of these calls on this thread, but for those that do not set it.</summary>
    internal static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>
    /// errno itself, for the calls that do not set <see cref="LastError"/>. Right only as the very next thing after a call that has
    /// failed: the runtime keeps errno over its own way back from a call (the stubs for SetLastError read it at the same point), but
    /// nothing else does.
    /// </summary>
    internal static int FreshError => Marshal.GetLastSystemError();
}
