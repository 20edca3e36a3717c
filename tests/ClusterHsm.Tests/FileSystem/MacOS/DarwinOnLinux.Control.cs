using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>fcntl(2).</summary>
internal sealed unsafe partial class DarwinOnLinux
{
    private const int Block = 4096;

    public int Control(SafeHandle file, int command, nint argument)
    {
        Count($"fcntl {command}");
        switch (command)
        {
            case 67: // F_DUPFD_CLOEXEC
                return Answer(LinuxCalls.FCntl(file, LinuxConstants.DuplicateCloseOnExec, argument));
            case 90: // F_OFD_SETLK
                return Lock(file, LinuxConstants.SetOpenFileLock, (DarwinLock*)argument);
            case 92: // F_OFD_GETLK
                return Lock(file, LinuxConstants.GetOpenFileLock, (DarwinLock*)argument);
            case 99: // F_PUNCHHOLE
                return Punch(file, (DarwinHole*)argument);
            case 51: // F_FULLFSYNC
                return LacksFullSync ? -DarwinErrno.NotSupported : Answer(LinuxCalls.FSync(file));
            case 50: // F_GETPATH
                return PathOf(file, new Span<byte>((void*)argument, 1024));
            case 44 or 45: // F_RDADVISE, F_RDAHEAD
                return 0;
            default:
                return -DarwinErrno.Invalid;
        }
    }

    private static int Lock(SafeHandle file, int command, DarwinLock* request)
    {
        short type = DarwinTranslation.LockType(request->Type);
        if (type < 0 || request->Whence != 0)
            return -DarwinErrno.Invalid;
        FLock linux = new() { Type = type, Start = request->Start, Length = request->Length };
        int answer = Answer(LinuxCalls.FCntl(file, command, (nint)(&linux)));
        if (answer == 0)
            request->Type = DarwinTranslation.LockTypeOfLinux(linux.Type);
        return answer;
    }

    /// <summary>"Holes must be aligned to file system block boundaries. This will fail on file systems that do not support this interface."</summary>
    private int Punch(SafeHandle file, DarwinHole* hole)
    {
        if (FileSystemType == "hfs")
            return -DarwinErrno.NotATerminal;
        if (hole->Flags != 0 || hole->Reserved != 0 || hole->Offset % Block != 0 || hole->Length % Block != 0 || hole->Length <= 0)
            return -DarwinErrno.Invalid;
        DarwinStat facts;
        int answer = Stat(file, &facts);
        if (answer < 0)
            return answer;
        bool isPastTheEnd = hole->Offset + hole->Length > facts.Size;
        if (isPastTheEnd && HolesPastTheEnd == HolesPastTheEnd.Refused)
            return -DarwinErrno.Invalid;
        answer = Answer(LinuxCalls.FAllocate(file, LinuxConstants.PunchKeepingSize, hole->Offset, hole->Length));
        if (answer == 0 && isPastTheEnd && HolesPastTheEnd == HolesPastTheEnd.Grown)
            return Answer(LinuxCalls.FTruncate(file, hole->Offset + hole->Length));
        return answer == -DarwinErrno.BadDescriptor ? -DarwinErrno.NotPermitted : answer; // bsd/kern/kern_descrip.c: "need write permissions"
    }

    private static int PathOf(SafeHandle file, Span<byte> buffer)
    {
        string? path = new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;
        if (path is null || path.EndsWith(" (deleted)", StringComparison.Ordinal))
            return -DarwinErrno.NoEntry;
        if (FileNameCoding.MaxByteCount(path.Length) > buffer.Length)
            return -DarwinErrno.NoSpace;
        FileNameCoding.Encode(path, buffer);
        return 0;
    }
}
