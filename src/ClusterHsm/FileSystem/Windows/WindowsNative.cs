using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>The calls of kernel32, kernelbase and ntdll that this layer is made of.</summary>
/// <remarks>
/// Files below the root are opened by NtCreateFile, because CreateFileW takes no directory handle to start from: only so can a path be
/// kept from leaving the root. None is called with SuppressGCTransition: each can wait for a server.
/// </remarks>
internal static unsafe partial class WindowsNative
{
    private const string Kernel = "kernel32";
    private const string Nt = "ntdll";

    [LibraryImport(Kernel, EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial SafeFileHandle CreateFile(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport(Nt)]
    internal static partial int NtCreateFile(nint* handle, uint access, ObjectAttributes* name, IoStatusBlock* status, long* allocation,
        uint attributes, uint share, uint disposition, uint options, void* extended, uint extendedLength);

    [LibraryImport(Nt)]
    internal static partial int NtSetInformationFile(SafeFileHandle file, IoStatusBlock* status, void* information, uint length, int kind);

    [LibraryImport(Nt)]
    internal static partial int NtQueryDirectoryFile(SafeFileHandle file, nint signal, nint routine, nint context, IoStatusBlock* status,
        void* information, uint length, int kind, byte isOneEntry, UnicodeString* name, byte isRestart);

    [LibraryImport(Nt)]
    internal static partial int NtQueryVolumeInformationFile(SafeFileHandle file, IoStatusBlock* status, void* information, uint length, int kind);

    [LibraryImport(Nt)]
    internal static partial int RtlNtStatusToDosError(int status);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool ReadFile(SafeFileHandle file, byte* buffer, uint length, uint* read, Overlapped* at);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool WriteFile(SafeFileHandle file, byte* buffer, uint length, uint* written, Overlapped* at);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool LockFileEx(SafeFileHandle file, uint flags, uint reserved, uint low, uint high, Overlapped* at);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool UnlockFileEx(SafeFileHandle file, uint reserved, uint low, uint high, Overlapped* at);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetFileInformationByHandleEx(SafeFileHandle file, int kind, void* information, uint length);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool SetFileInformationByHandle(SafeFileHandle file, int kind, void* information, uint length);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool DeviceIoControl(SafeFileHandle file, uint code, void* input, uint inputLength, void* output, uint outputLength,
        uint* returned, Overlapped* at);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool FlushFileBuffers(SafeFileHandle file);

    [LibraryImport(Kernel, EntryPoint = "GetVolumeInformationByHandleW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetVolumeInformation(SafeFileHandle file, char* name, uint nameLength, uint* serial, uint* longestName,
        uint* flags, char* type, uint typeLength);

    [LibraryImport(Kernel, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool DuplicateHandle(nint fromProcess, SafeFileHandle file, nint toProcess, nint* duplicate, uint access, int inherit, uint options);

    [LibraryImport(Kernel)]
    internal static partial nint GetCurrentProcess();

    [LibraryImport(Kernel, EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool MoveFile(string from, string to, uint flags);

    [LibraryImport(Kernel, EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateHardLink(string path, string existing, nint security);

    [LibraryImport(Kernel, EntryPoint = "CreateDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateDirectory(string path, nint security);

    [LibraryImport("kernelbase")]
    internal static partial void QueryInterruptTimePrecise(ulong* time);

    /// <summary>The error number of the last failed call of this thread that has one.</summary>
    internal static int LastError => Marshal.GetLastPInvokeError();
}
