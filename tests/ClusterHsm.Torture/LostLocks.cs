using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterHsm.Torture;

/// <summary>Takes the locks of a stopped process away, as a server does to a client that has gone silent; the process learns nothing of it.</summary>
/// <remarks>
/// Open-file-description locks belong to the description, which pidfd_getfd(2) shares with whoever may trace the process. The numbers of
/// its calls are the same on every architecture; F_OFD_SETLK and F_UNLCK are those of Linux's fcntl.h.
/// </remarks>
internal static partial class LostLocks
{
    private const int PidfdOpen = 434, PidfdGetfd = 438, SetLock = 37;
    private const short Unlock = 2;

    /// <summary>All locks on files below a folder.</summary>
    /// <returns>How many files the process had open there.</returns>
    /// <exception cref="IOException">This kernel or this user's rights do not allow it.</exception>
    public static int Take(int processId, string folder)
    {
        int files = 0, process = Check(Call(PidfdOpen, processId, 0, 0), "pidfd_open");
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget?.StartsWith(folder + "/", StringComparison.Ordinal) is not true)
                    continue;
                int file = Check(Call(PidfdGetfd, process, int.Parse(Path.GetFileName(descriptor), CultureInfo.InvariantCulture), 0), "pidfd_getfd");
                FLock all = new() { Type = Unlock };
                _ = Control(file, SetLock, ref all);
                _ = Close(file);
                files++;
            }
        }
        finally
        {
            _ = Close(process);
        }
        return files;
    }

    private static int Check(long answer, string call) =>
        answer >= 0 ? (int)answer : throw new IOException($"{call} failed with error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, long first, long second, long third);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, ref FLock range);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    /// <summary><c>struct flock</c> on 64-bit Linux; begin and length 0 are all of the file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FLock
    {
        public short Type;
        public short Whence;
        public long Begin;
        public long Length;
        public int ProcessId;
    }
}
