using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>Open-file-description locks (bsd/kern/kern_descrip.c, F_OFD_SETLK): they belong to the handle and do not mind an unrelated close.</summary>
internal static unsafe class DarwinLocks
{
    internal static LockResult TryLock(IDarwin darwin, SafeHandle file, LockRange range, LockKind kind) =>
        Call(darwin, file, DarwinConstants.SetOpenFileLock, range, TypeOf(kind), out _);

    internal static LockResult Query(IDarwin darwin, SafeHandle file, LockRange range, LockKind kind)
    {
        LockResult result = Call(darwin, file, DarwinConstants.GetOpenFileLock, range, TypeOf(kind), out short found);
        return result.IsGranted && found != DarwinConstants.NoLock ? LockResult.Denied : result;
    }

    internal static LockResult Unlock(IDarwin darwin, SafeHandle file, LockRange range) =>
        Call(darwin, file, DarwinConstants.SetOpenFileLock, range, DarwinConstants.NoLock, out _);

    internal static void UnlockAll(IDarwin darwin, SafeHandle file)
    {
        DarwinLock everything = new() { Type = DarwinConstants.NoLock };
        _ = darwin.Control(file, DarwinConstants.SetOpenFileLock, (nint)(&everything));
    }

    private static short TypeOf(LockKind kind) =>
        kind == LockKind.Shared ? DarwinConstants.SharedLock : DarwinConstants.ExclusiveLock;

    private static LockResult Call(IDarwin darwin, SafeHandle file, int command, LockRange range, short type, out short found)
    {
        found = DarwinConstants.NoLock;
        if (range.Offset < 0 || range.Length <= 0 || range.Length > long.MaxValue - range.Offset)
            return new LockResult(LockStatus.Failed, ShardError.TooLarge, DarwinErrno.Overflow);
        DarwinLock request = new() { Start = range.Offset, Length = range.Length, Type = type };
        int answer = darwin.Control(file, command, (nint)(&request));
        if (answer < 0)
            return DarwinErrors.LockResultOf(-answer);
        found = request.Type;
        return LockResult.Granted;
    }
}
