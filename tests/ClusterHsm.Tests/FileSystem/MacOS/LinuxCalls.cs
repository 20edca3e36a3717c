using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.Linux;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>The calls of Linux that <see cref="DarwinOnLinux"/> answers with.</summary>
internal static unsafe partial class LinuxCalls
{
    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(SafeHandle directory, byte* path, int flags, uint mode);

    [LibraryImport(LibC, EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatX(SafeHandle directory, byte* path, int flags, uint mask, StatxBuffer* facts);

    [LibraryImport(LibC, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(SafeHandle directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(LibC, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkDirAt(SafeHandle directory, byte* path, uint mode);

    [LibraryImport(LibC, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(SafeHandle directory, byte* path, int flags);

    [LibraryImport(LibC, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int RenameAt2(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, uint flags);

    [LibraryImport(LibC, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, int flags);

    [LibraryImport(LibC, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint PRead(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint PWrite(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int FTruncate(SafeHandle file, long length);

    [LibraryImport(LibC, EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int FAllocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(SafeHandle file, long offset, int whence);

    [LibraryImport(LibC, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int FUtimeNs(SafeHandle file, TimeSpec* times);

    [LibraryImport(LibC, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int FChown(SafeHandle file, uint userId, uint groupId);

    [LibraryImport(LibC, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int FChMod(SafeHandle file, uint mode);

    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(SafeHandle file);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntl(SafeHandle file, int command, nint argument);

    [LibraryImport(LibC, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint FGetXAttr(SafeHandle file, byte* name, byte* value, nuint size);

    [LibraryImport(LibC, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int FSetXAttr(SafeHandle file, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(LibC, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int FRemoveXAttr(SafeHandle file, byte* name);

    [LibraryImport(LibC, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint FdOpenDir(int descriptor);

    [LibraryImport(LibC, EntryPoint = "readdir", SetLastError = true)]
    internal static partial byte* ReadDir(nint stream);

    [LibraryImport(LibC, EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseDir(nint stream);
}
