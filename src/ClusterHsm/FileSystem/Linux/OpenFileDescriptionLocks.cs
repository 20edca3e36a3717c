namespace ClusterHsm.FileSystem.Linux;

/// <summary>Open-file-description locks (Linux 3.15, fcntl(2)): they belong to the handle and do not mind an unrelated close.</summary>
internal sealed unsafe class OpenFileDescriptionLocks : RangeLocks
{
    internal static readonly OpenFileDescriptionLocks Instance = new();

    internal override LockDriver Driver => LockDriver.OpenFileDescription;

    /// <summary>Whether the kernel knows them, asked of any readable descriptor without taking anything.</summary>
    internal static bool AreKnownTo(LinuxFileHandle probe)
    {
        FLock question = new() { Type = LinuxConstants.SharedLock, Length = 1 };
        return LinuxNative.FCntl(probe, LinuxConstants.GetOpenFileLock, &question) == 0 || LinuxNative.LastError != Errno.Invalid;
    }

    internal override LockResult TryLock(LinuxFileHandle file, LockRange range, LockKind kind) =>
        Call(file, LinuxConstants.SetOpenFileLock, range, TypeOf(kind), out _);

    internal override LockResult Query(LinuxFileHandle file, LockRange range, LockKind kind)
    {
        LockResult result = Call(file, LinuxConstants.GetOpenFileLock, range, TypeOf(kind), out short found);
        return result.IsGranted && found != LinuxConstants.NoLock ? LockResult.Denied : result;
    }

    internal override LockResult Unlock(LinuxFileHandle file, LockRange range) =>
        Call(file, LinuxConstants.SetOpenFileLock, range, LinuxConstants.NoLock, out _);

    internal override void UnlockAll(LinuxFileHandle file)
    {
        FLock everything = new() { Type = LinuxConstants.NoLock }; // a length of 0 reaches to the end of the address space
        _ = LinuxNative.FCntl(file, LinuxConstants.SetOpenFileLock, &everything);
    }

    private static short TypeOf(LockKind kind) =>
        kind == LockKind.Shared ? LinuxConstants.SharedLock : LinuxConstants.ExclusiveLock;

    private static LockResult Call(LinuxFileHandle file, int command, LockRange range, short type, out short found)
    {
        found = LinuxConstants.NoLock;
        if (!IsValid(range))
            return new LockResult(LockStatus.Failed, ShardError.TooLarge, Errno.Overflow);
        FLock request = new() { Type = type, Start = range.Offset, Length = range.Length };
        if (LinuxNative.FCntl(file, command, &request) != 0)
            return ResultOf(LinuxNative.LastError);
        found = request.Type;
        return LockResult.Granted;
    }
}
