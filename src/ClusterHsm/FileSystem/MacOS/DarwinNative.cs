using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>The entry points of libSystem that <see cref="Darwin"/> calls.</summary>
/// <remarks>
/// <para>Variadic calls: Apple's convention for arm64 puts every variadic argument on the stack, in slots of 8 bytes (Apple, "Writing ARM64
/// code for Apple platforms", Update code that passes arguments to variadic functions), where those of an ordinary call come only after
/// the eight of the registers x0 to x7. So the …Padded forms fill those that the named arguments leave. On Intel variadic integers go where
/// named ones go.</para>
/// <para>Names with <c>$INODE64</c>: on Intel the plain ones have 32-bit inode numbers (<c>__DARWIN_INODE64</c> of bsd/sys/cdefs.h); Apple
/// silicon has only 64-bit ones, under the plain names.</para>
/// <para>None is called with SuppressGCTransition but the clock: each can wait for a disk.</para>
/// </remarks>
internal static unsafe partial class DarwinNative
{
    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(SafeHandle directory, byte* path, int flags, uint mode);

    [LibraryImport(LibC, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAtPadded(SafeHandle directory, byte* path, int flags, nint x3, nint x4, nint x5, nint x6, nint x7, nuint mode);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntl(SafeHandle file, int command, nint argument);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FCntlPadded(SafeHandle file, int command, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, nint argument);

    [LibraryImport(LibC, EntryPoint = "fstat", SetLastError = true)]
    internal static partial int FStat(SafeHandle file, DarwinStat* facts);

    [LibraryImport(LibC, EntryPoint = "fstat$INODE64", SetLastError = true)]
    internal static partial int FStatOnIntel(SafeHandle file, DarwinStat* facts);

    [LibraryImport(LibC, EntryPoint = "fstatat", SetLastError = true)]
    internal static partial int FStatAt(SafeHandle directory, byte* path, DarwinStat* facts, int flags);

    [LibraryImport(LibC, EntryPoint = "fstatat$INODE64", SetLastError = true)]
    internal static partial int FStatAtOnIntel(SafeHandle directory, byte* path, DarwinStat* facts, int flags);

    [LibraryImport(LibC, EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int FStatFs(SafeHandle file, DarwinStatFs* facts);

    [LibraryImport(LibC, EntryPoint = "fstatfs$INODE64", SetLastError = true)]
    internal static partial int FStatFsOnIntel(SafeHandle file, DarwinStatFs* facts);

    [LibraryImport(LibC, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint FdOpenDir(int descriptor);

    [LibraryImport(LibC, EntryPoint = "fdopendir$INODE64", SetLastError = true)]
    internal static partial nint FdOpenDirOnIntel(int descriptor);

    /// <summary>readdir(3). The stub that is generated for SetLastError clears errno first, which is how an end is told from a failure.</summary>
    [LibraryImport(LibC, EntryPoint = "readdir", SetLastError = true)]
    internal static partial DarwinDirectoryEntry* ReadDir(nint stream);

    [LibraryImport(LibC, EntryPoint = "readdir$INODE64", SetLastError = true)]
    internal static partial DarwinDirectoryEntry* ReadDirOnIntel(nint stream);

    [LibraryImport(LibC, EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseDir(nint stream);

    [LibraryImport(LibC, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(SafeHandle directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(LibC, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkDirAt(SafeHandle directory, byte* path, ushort mode);

    [LibraryImport(LibC, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(SafeHandle directory, byte* path, int flags);

    [LibraryImport(LibC, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to);

    [LibraryImport(LibC, EntryPoint = "renameatx_np", SetLastError = true)]
    internal static partial int RenameAtX(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, uint flags);

    [LibraryImport(LibC, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, int flags);

    [LibraryImport(LibC, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint PRead(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint PWrite(SafeHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport(LibC, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int FTruncate(SafeHandle file, long length);

    [LibraryImport(LibC, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(SafeHandle file, long offset, int whence);

    [LibraryImport(LibC, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int FUtimeNs(SafeHandle file, DarwinTime* accessedAndModified);

    [LibraryImport(LibC, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int FChown(SafeHandle file, uint userId, uint groupId);

    [LibraryImport(LibC, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int FChMod(SafeHandle file, ushort mode);

    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(SafeHandle file);

    [LibraryImport(LibC, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint FGetXAttr(SafeHandle file, byte* name, byte* value, nuint size, uint position, int options);

    [LibraryImport(LibC, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int FSetXAttr(SafeHandle file, byte* name, byte* value, nuint size, uint position, int options);

    [LibraryImport(LibC, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int FRemoveXAttr(SafeHandle file, byte* name, int options);

    /// <summary>Read in user space from the commpage: it never blocks, so that the GC need not be told of the call.</summary>
    [LibraryImport(LibC, EntryPoint = "mach_continuous_time")]
    [SuppressGCTransition]
    internal static partial ulong MachContinuousTime();

    [LibraryImport(LibC, EntryPoint = "mach_timebase_info")]
    internal static partial int MachTimeBaseInfo(DarwinTimeBase* timeBase);
}
