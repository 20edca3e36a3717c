using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>The C library's calls that a store's disk is made of (Linux).</summary>
/// <remarks><c>open</c> is variadic; every ABI on which .NET runs on Linux passes its third argument like a fixed one.</remarks>
internal static partial class StoreNative
{
    public const int CurrentDirectory = -100;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int FlushFileSystem(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int FileSystemFacts(SafeFileHandle file, Span<byte> facts);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> statx);
}

/// <summary>The error numbers a store tells apart (Linux, <c>errno(3)</c>); those of Windows and macOS are translated.</summary>
internal static class StoreErrno
{
    private const int HResultOfWin32 = unchecked((int)0x80070000); // HRESULT_FROM_WIN32

    /// <summary>The number that an exception of .NET carries.</summary>
    public static int Of(Exception failure) =>
        (failure.HResult & unchecked((int)0xFFFF0000)) == HResultOfWin32 ? WindowsStoreDisk.ErrnoOf(failure.HResult & 0xFFFF)
        : OperatingSystem.IsMacOS() && failure is not StoreDiskException ? MacStoreDisk.ErrnoOf(failure.HResult)
        : failure.HResult;

    public const int NotPermitted = 1, NoEntry = 2, Interrupted = 4, AccessDenied = 13, Exists = 17, OtherDevice = 18, NotADirectory = 20,
        Invalid = 22, TooBig = 27, NoSpace = 28, ReadOnly = 30, TooManyLinks = 31, NoSystemCall = 38, NotSupported = 95, QuotaExceeded = 122;
}
