using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>
/// Darwin's calls on Linux: flags, structures and error numbers are Darwin's, and the files are real. It is as strict as Darwin's
/// documentation: what is not written there it refuses.
/// </summary>
internal sealed unsafe partial class DarwinOnLinux : IDarwin
{
    private static readonly SafeFileHandle LinuxCurrentDirectory = new(-100, ownsHandle: false);

    /// <summary>f_fstypename.</summary>
    public string FileSystemType { get; init; } = "apfs";

    /// <summary>What comes of a hole past the end of a file: nothing is written about it.</summary>
    public HolesPastTheEnd HolesPastTheEnd { get; init; }

    /// <summary>Whether F_FULLFSYNC is not known, as on a server's file system.</summary>
    public bool LacksFullSync { get; init; }

    /// <summary>Inodes whose data another storage manager keeps elsewhere (SF_DATALESS).</summary>
    public ConcurrentDictionary<ulong, bool> Dataless { get; } = new();

    /// <summary>How often each call was made.</summary>
    public ConcurrentDictionary<string, int> Calls { get; } = new();

    public int OpenAt(SafeHandle directory, byte* path, int flags, uint mode)
    {
        Count("openat");
        if ((flags & DarwinConstants.NoFollowAny) != 0 && HasLink(directory, path, withLast: (flags & 0xA00) != 0xA00))
            return -DarwinErrno.LinkLoop;
        return Answer(LinuxCalls.OpenAt(Of(directory), path, DarwinTranslation.OpenFlags(flags), mode));
    }

    public int Stat(SafeHandle file, DarwinStat* facts)
    {
        Count("fstat");
        byte empty = 0;
        return StatX(file, &empty, LinuxConstants.EmptyPath | LinuxConstants.NoFollowFlag, facts);
    }

    public int StatAt(SafeHandle directory, byte* path, DarwinStat* facts, int flags)
    {
        Count("fstatat");
        if (flags is not (0x20 or 0x800))
            return -DarwinErrno.Invalid;
        return flags == 0x800 && HasLink(directory, path, withLast: false)
            ? -DarwinErrno.LinkLoop
            : StatX(Of(directory), path, LinuxConstants.NoFollowFlag, facts);
    }

    public int StatFs(SafeHandle file, DarwinStatFs* facts)
    {
        *facts = new DarwinStatFs { BlockSize = 4096, Flags = DarwinConstants.MountLocal };
        for (int i = 0; i < FileSystemType.Length; i++)
            facts->TypeName[i] = (byte)FileSystemType[i];
        return 0;
    }

    public long ReadLinkAt(SafeHandle directory, byte* path, byte* buffer, nuint size) =>
        Answer(LinuxCalls.ReadLinkAt(Of(directory), path, buffer, size));

    public int MakeDirectoryAt(SafeHandle directory, byte* path, uint mode) => Answer(LinuxCalls.MkDirAt(Of(directory), path, mode));

    /// <inheritdoc/>
    /// <remarks>Of a directory Darwin says EPERM, as of a missing permission (unlink(2)).</remarks>
    public int UnlinkAt(SafeHandle directory, byte* path)
    {
        int answer = Answer(LinuxCalls.UnlinkAt(Of(directory), path, 0));
        return answer == -DarwinErrno.IsDirectory ? -DarwinErrno.NotPermitted : answer;
    }

    public int RenameAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, uint flags) =>
        flags is 0 or 4 ? Answer(LinuxCalls.RenameAt2(Of(fromDirectory), from, Of(toDirectory), to, flags / 4)) : -DarwinErrno.Invalid;

    public int LinkAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to) =>
        Answer(LinuxCalls.LinkAt(Of(fromDirectory), from, Of(toDirectory), to, 0));

    public long Read(SafeHandle file, byte* buffer, nuint count, long offset) => Answer(LinuxCalls.PRead(file, buffer, count, offset));

    public long Write(SafeHandle file, byte* buffer, nuint count, long offset) => Answer(LinuxCalls.PWrite(file, buffer, count, offset));

    public int Truncate(SafeHandle file, long length)
    {
        Count("ftruncate");
        return Answer(LinuxCalls.FTruncate(file, length));
    }

    public long Seek(SafeHandle file, long offset, int whence) => Answer(LinuxCalls.LSeek(file, offset, DarwinTranslation.Whence(whence)));

    public int SetTimes(SafeHandle file, DarwinTime* times)
    {
        TimeSpec* linux = stackalloc TimeSpec[2];
        for (int i = 0; i < 2; i++)
            linux[i] = new TimeSpec { Seconds = times[i].Seconds, Nanoseconds = times[i].Nanoseconds == -1 ? (1 << 30) - 1 : times[i].Nanoseconds };
        return Answer(LinuxCalls.FUtimeNs(file, linux));
    }

    public int SetOwner(SafeHandle file, uint userId, uint groupId) => Answer(LinuxCalls.FChown(file, userId, groupId));

    public int SetMode(SafeHandle file, uint mode) => Answer(LinuxCalls.FChMod(file, mode));

    public int Sync(SafeHandle file)
    {
        Count("fsync");
        return Answer(LinuxCalls.FSync(file));
    }

    public long GetAttribute(SafeHandle file, byte* name, byte* value, nuint size)
    {
        fixed (byte* key = LinuxName(name))
            return Answer(LinuxCalls.FGetXAttr(file, key, value, value is null ? 0 : size));
    }

    public int SetAttribute(SafeHandle file, byte* name, byte* value, nuint size)
    {
        fixed (byte* key = LinuxName(name))
            return Answer(LinuxCalls.FSetXAttr(file, key, value, size, 0));
    }

    public int RemoveAttribute(SafeHandle file, byte* name)
    {
        fixed (byte* key = LinuxName(name))
            return Answer(LinuxCalls.FRemoveXAttr(file, key));
    }

    /// <summary>CLOCK_BOOTTIME in the ticks of Apple silicon.</summary>
    public ulong ContinuousTime() => (ulong)((Int128)BootTimeProvider.Instance.GetTimestamp() * 3 / 125);

    /// <summary>What mach_timebase_info tells on Apple silicon.</summary>
    public DarwinTimeBase TimeBase() => new() { Numerator = 125, Denominator = 3 };

    private static int Answer(int result) => result >= 0 ? result : -DarwinTranslation.Errno(Marshal.GetLastPInvokeError());

    private static long Answer(long result) => result >= 0 ? result : -DarwinTranslation.Errno(Marshal.GetLastPInvokeError());

    private static SafeHandle Of(SafeHandle directory) => ReferenceEquals(directory, Darwin.CurrentDirectory) ? LinuxCurrentDirectory : directory;

    private static byte[] LinuxName(byte* name) => [.. "user."u8, .. MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name), 0];

    private int StatX(SafeHandle directory, byte* path, int flags, DarwinStat* facts)
    {
        StatxBuffer linux;
        int answer = Answer(LinuxCalls.StatX(directory, path, flags, LinuxConstants.StatBasic, &linux));
        if (answer == 0)
            *facts = DarwinTranslation.Stat(linux, Dataless.ContainsKey(linux.Inode) ? 0x4000_0000u : 0);
        return answer;
    }

    /// <summary>Whether a name of a path is a symbolic link: each prefix is asked, which is no more than a test needs.</summary>
    private static bool HasLink(SafeHandle directory, byte* path, bool withLast)
    {
        byte[] whole = [.. MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path)];
        byte target;
        for (int i = 1; i <= whole.Length; i++)
        {
            bool isLast = i == whole.Length;
            if (isLast ? !withLast : whole[i] != '/' || whole[i - 1] == '/')
                continue;
            fixed (byte* prefix = (byte[])[.. whole[..i], 0])
            {
                if (LinuxCalls.ReadLinkAt(Of(directory), prefix, &target, 1) >= 0)
                    return true;
            }
        }
        return false;
    }

    private void Count(string call) => Calls.AddOrUpdate(call, 1, static (_, count) => count + 1);
}

/// <summary>What a system may do when it is asked for a hole past the end of a file.</summary>
public enum HolesPastTheEnd
{
    /// <summary>Make it and leave the size alone, as Linux does.</summary>
    Made,

    /// <summary>Refuse it with EINVAL.</summary>
    Refused,

    /// <summary>Make the file longer.</summary>
    Grown,
}
