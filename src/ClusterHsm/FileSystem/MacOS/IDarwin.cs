using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>
/// The calls of macOS that this layer is made of. <see cref="Darwin"/> asks the system; where there is none a test puts its own in this
/// place.
/// </summary>
/// <remarks>
/// Thread-safe. Paths and names are closed by a NUL. A call answers with what the system answers, or with the negative error number
/// (<see cref="DarwinErrno"/>): nobody has to ask for errno afterwards.
/// </remarks>
internal unsafe interface IDarwin
{
    /// <summary>openat(2).</summary>
    /// <param name="directory">An open directory, or <see cref="Darwin.CurrentDirectory"/>.</param>
    /// <param name="path">What to open.</param>
    /// <param name="flags">O_… of <see cref="DarwinConstants"/>.</param>
    /// <param name="mode">With O_CREAT, permission bits before the umask.</param>
    int OpenAt(SafeHandle directory, byte* path, int flags, uint mode);

    /// <summary>fstat(2), with 64-bit inode numbers.</summary>
    int Stat(SafeHandle file, DarwinStat* facts);

    /// <summary>fstatat(2).</summary>
    int StatAt(SafeHandle directory, byte* path, DarwinStat* facts, int flags);

    /// <summary>fstatfs(2).</summary>
    int StatFs(SafeHandle file, DarwinStatFs* facts);

    /// <summary>readlinkat(2).</summary>
    long ReadLinkAt(SafeHandle directory, byte* path, byte* buffer, nuint size);

    /// <summary>mkdirat(2).</summary>
    int MakeDirectoryAt(SafeHandle directory, byte* path, uint mode);

    /// <summary>unlinkat(2), of files.</summary>
    int UnlinkAt(SafeHandle directory, byte* path);

    /// <summary>renameatx_np(2); without flags it is renameat(2).</summary>
    int RenameAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, uint flags);

    /// <summary>linkat(2), not following a link.</summary>
    int LinkAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to);

    /// <summary>pread(2).</summary>
    long Read(SafeHandle file, byte* buffer, nuint count, long offset);

    /// <summary>pwrite(2).</summary>
    long Write(SafeHandle file, byte* buffer, nuint count, long offset);

    /// <summary>ftruncate(2).</summary>
    int Truncate(SafeHandle file, long length);

    /// <summary>lseek(2).</summary>
    long Seek(SafeHandle file, long offset, int whence);

    /// <summary>futimens(2): access, then modification.</summary>
    int SetTimes(SafeHandle file, DarwinTime* times);

    /// <summary>fchown(2).</summary>
    int SetOwner(SafeHandle file, uint userId, uint groupId);

    /// <summary>fchmod(2).</summary>
    int SetMode(SafeHandle file, uint mode);

    /// <summary>fsync(2).</summary>
    int Sync(SafeHandle file);

    /// <summary>fcntl(2).</summary>
    /// <param name="file">The file.</param>
    /// <param name="command">F_… of <see cref="DarwinConstants"/>.</param>
    /// <param name="argument">A number, or the address of a structure.</param>
    int Control(SafeHandle file, int command, nint argument);

    /// <summary>fgetxattr(2), at position 0, without options.</summary>
    long GetAttribute(SafeHandle file, byte* name, byte* value, nuint size);

    /// <summary>fsetxattr(2), the same: makes or replaces it.</summary>
    int SetAttribute(SafeHandle file, byte* name, byte* value, nuint size);

    /// <summary>fremovexattr(2), the same.</summary>
    int RemoveAttribute(SafeHandle file, byte* name);

    /// <summary>fdopendir(3), which takes the descriptor over.</summary>
    /// <returns>0, or the negative error number; the descriptor is then still the caller's.</returns>
    int OpenDirectory(int descriptor, out nint stream);

    /// <summary>readdir(3), with 64-bit inode numbers.</summary>
    /// <returns>0, or the negative error number; <paramref name="entry"/> is null at the end.</returns>
    int ReadDirectory(nint stream, out DarwinDirectoryEntry* entry);

    /// <summary>closedir(3).</summary>
    void CloseDirectory(nint stream);

    /// <summary>mach_continuous_time(3): ticks since the machine was started, sleep included.</summary>
    ulong ContinuousTime();

    /// <summary>mach_timebase_info(3): what a tick is.</summary>
    DarwinTimeBase TimeBase();
}
