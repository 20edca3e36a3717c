using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>The calls of the macOS that this runs on.</summary>
internal sealed unsafe class Darwin : IDarwin
{
    private static readonly bool IsIntel = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private Darwin()
    {
    }

    internal static Darwin Instance { get; } = new();

    /// <summary>AT_FDCWD: paths that are relative to no directory.</summary>
    internal static SafeHandle CurrentDirectory { get; } = new SafeFileHandle(DarwinConstants.CurrentDirectory, ownsHandle: false);

    public int OpenAt(SafeHandle directory, byte* path, int flags, uint mode) => Answer(IsIntel
        ? DarwinNative.OpenAt(directory, path, flags, mode)
        : DarwinNative.OpenAtPadded(directory, path, flags, 0, 0, 0, 0, 0, mode));

    public int Control(SafeHandle file, int command, nint argument) => Answer(IsIntel
        ? DarwinNative.FCntl(file, command, argument)
        : DarwinNative.FCntlPadded(file, command, 0, 0, 0, 0, 0, 0, argument));

    public int Stat(SafeHandle file, DarwinStat* facts) =>
        Answer(IsIntel ? DarwinNative.FStatOnIntel(file, facts) : DarwinNative.FStat(file, facts));

    public int StatAt(SafeHandle directory, byte* path, DarwinStat* facts, int flags) => Answer(IsIntel
        ? DarwinNative.FStatAtOnIntel(directory, path, facts, flags)
        : DarwinNative.FStatAt(directory, path, facts, flags));

    public int StatFs(SafeHandle file, DarwinStatFs* facts) =>
        Answer(IsIntel ? DarwinNative.FStatFsOnIntel(file, facts) : DarwinNative.FStatFs(file, facts));

    public long ReadLinkAt(SafeHandle directory, byte* path, byte* buffer, nuint size) =>
        Answer(DarwinNative.ReadLinkAt(directory, path, buffer, size));

    public int MakeDirectoryAt(SafeHandle directory, byte* path, uint mode) => Answer(DarwinNative.MkDirAt(directory, path, (ushort)mode));

    public int UnlinkAt(SafeHandle directory, byte* path) => Answer(DarwinNative.UnlinkAt(directory, path, 0));

    public int RenameAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to, uint flags) => Answer(flags == 0
        ? DarwinNative.RenameAt(fromDirectory, from, toDirectory, to)
        : DarwinNative.RenameAtX(fromDirectory, from, toDirectory, to, flags));

    public int LinkAt(SafeHandle fromDirectory, byte* from, SafeHandle toDirectory, byte* to) =>
        Answer(DarwinNative.LinkAt(fromDirectory, from, toDirectory, to, 0));

    public long Read(SafeHandle file, byte* buffer, nuint count, long offset) => Answer(DarwinNative.PRead(file, buffer, count, offset));

    public long Write(SafeHandle file, byte* buffer, nuint count, long offset) => Answer(DarwinNative.PWrite(file, buffer, count, offset));

    public int Truncate(SafeHandle file, long length) => Answer(DarwinNative.FTruncate(file, length));

    public long Seek(SafeHandle file, long offset, int whence) => Answer(DarwinNative.LSeek(file, offset, whence));

    public int SetTimes(SafeHandle file, DarwinTime* times) => Answer(DarwinNative.FUtimeNs(file, times));

    public int SetOwner(SafeHandle file, uint userId, uint groupId) => Answer(DarwinNative.FChown(file, userId, groupId));

    public int SetMode(SafeHandle file, uint mode) => Answer(DarwinNative.FChMod(file, (ushort)mode));

    public int Sync(SafeHandle file) => Answer(DarwinNative.FSync(file));

    public long GetAttribute(SafeHandle file, byte* name, byte* value, nuint size) =>
        Answer(DarwinNative.FGetXAttr(file, name, value, size, 0, 0));

    public int SetAttribute(SafeHandle file, byte* name, byte* value, nuint size) =>
        Answer(DarwinNative.FSetXAttr(file, name, value, size, 0, 0));

    public int RemoveAttribute(SafeHandle file, byte* name) => Answer(DarwinNative.FRemoveXAttr(file, name, 0));

    public int OpenDirectory(int descriptor, out nint stream)
    {
        stream = IsIntel ? DarwinNative.FdOpenDirOnIntel(descriptor) : DarwinNative.FdOpenDir(descriptor);
        return stream == 0 ? -LastError : DarwinErrno.None;
    }

    public int ReadDirectory(nint stream, out DarwinDirectoryEntry* entry)
    {
        entry = IsIntel ? DarwinNative.ReadDirOnIntel(stream) : DarwinNative.ReadDir(stream);
        return entry is null ? -LastError : DarwinErrno.None;
    }

    public void CloseDirectory(nint stream) => _ = DarwinNative.CloseDir(stream);

    public ulong ContinuousTime() => DarwinNative.MachContinuousTime();

    public DarwinTimeBase TimeBase()
    {
        DarwinTimeBase timeBase;
        return DarwinNative.MachTimeBaseInfo(&timeBase) == 0 && timeBase.Denominator != 0
            ? timeBase
            : throw new PlatformNotSupportedException("This system does not tell what a tick of mach_continuous_time is, by which leases are counted.");
    }

    private static int LastError => Marshal.GetLastPInvokeError();

    private static int Answer(int result) => result >= 0 ? result : -LastError;

    private static long Answer(long result) => result >= 0 ? result : -LastError;
}
