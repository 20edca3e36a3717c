namespace ClusterHsm.FileSystem.MacOS;

/// <summary>What the error numbers of macOS mean for a shard, and in words.</summary>
internal static class DarwinErrors
{
    /// <summary>The kind of failure that a number stands for, unless the call it came from says otherwise.</summary>
    internal static ShardError KindOf(int errno) => errno switch
    {
        DarwinErrno.None => ShardError.None,
        DarwinErrno.NoEntry => ShardError.NotFound,
        DarwinErrno.Exists or DarwinErrno.NotEmpty => ShardError.AlreadyExists,

        // Descriptors cannot be closed under a call here (SafeHandle counts), so EBADF means: not opened for that.
        DarwinErrno.AccessDenied or DarwinErrno.NotPermitted or DarwinErrno.BadDescriptor => ShardError.AccessDenied,
        DarwinErrno.ReadOnly => ShardError.ReadOnly,
        DarwinErrno.IsDirectory or DarwinErrno.NotDirectory or DarwinErrno.NoDeviceOrAddress => ShardError.NotARegularFile,
        DarwinErrno.NoSpace or DarwinErrno.QuotaUsedUp => ShardError.NoSpace,
        DarwinErrno.TextBusy or DarwinErrno.Busy or DarwinErrno.Again => ShardError.Busy,
        DarwinErrno.NotSupported or DarwinErrno.NotSupportedOnSocket or DarwinErrno.NoSystemCall or DarwinErrno.NoDevice or DarwinErrno.NotATerminal
            or DarwinErrno.IllegalBytes => ShardError.NotSupported,
        DarwinErrno.FileTooBig or DarwinErrno.Range or DarwinErrno.ArgumentsTooBig or DarwinErrno.NameTooLong or DarwinErrno.Overflow
            => ShardError.TooLarge,
        DarwinErrno.ConnectionAborted or DarwinErrno.NotConnected or DarwinErrno.Shutdown or DarwinErrno.Stale or DarwinErrno.InputOutput
            or DarwinErrno.DeviceError => ShardError.DeadHandle,
        DarwinErrno.Interrupted or DarwinErrno.NoLocks or DarwinErrno.OutOfMemory or DarwinErrno.TooManyDescriptors or DarwinErrno.TableFull
            or DarwinErrno.TimedOut => ShardError.Temporary,
        _ => ShardError.Other,
    };

    /// <summary>What a call answered to a lock request (R9): only a clean grant is one.</summary>
    internal static LockResult LockResultOf(int errno) => errno switch
    {
        DarwinErrno.None => LockResult.Granted,
        DarwinErrno.Again or DarwinErrno.AccessDenied => LockResult.Denied with { NativeError = errno },
        DarwinErrno.Invalid => new(LockStatus.Failed, ShardError.NotSupported, errno),
        _ => new(LockStatus.Failed, KindOf(errno), errno),
    };

    /// <summary>The failure of a call.</summary>
    /// <param name="operation">What was tried, as a verb.</param>
    /// <param name="path">The full path.</param>
    /// <param name="errno">The error number.</param>
    internal static ShardIOException Failure(string operation, string path, int errno) =>
        new(KindOf(errno), operation, path, Describe(errno), errno);

    /// <summary>The failure of a call that walks a path: some numbers mean something of their own there.</summary>
    internal static ShardIOException PathFailure(string operation, string path, int errno) => errno switch
    {
        DarwinErrno.CrossDevice => new(ShardError.OutsideRoot, operation, path, "the path leads out of the shard's root", errno),
        DarwinErrno.NotDirectory => new(ShardError.NotFound, operation, path, "a part of the path is not a directory", errno),
        DarwinErrno.LinkLoop => new(ShardError.Other, operation, path, "its symbolic links lead round in a circle", errno),
        DarwinErrno.NoDeviceOrAddress or DarwinErrno.NoDevice or DarwinErrno.NotSupportedOnSocket
            => NotRegular(operation, path, "it is a device, a pipe or a socket", errno),
        DarwinErrno.NotPermitted => new(ShardError.AccessDenied, operation, path, "permission is missing, or the file is immutable", errno),
        _ => Failure(operation, path, errno),
    };

    /// <summary>The failure of a call about an extended attribute.</summary>
    internal static ShardIOException AttributeFailure(string operation, string path, int errno) => errno switch
    {
        DarwinErrno.NotSupported => new(ShardError.NotSupported, operation, path, "the file system keeps no extended attributes of its own", errno),
        DarwinErrno.NoSpace => new(ShardError.NoSpace, operation, path, "there is no room for it beside the file's other extended attributes, or the file system is full", errno),
        _ => Failure(operation, path, errno),
    };

    /// <summary>Something else has the name where a regular file was asked for.</summary>
    internal static ShardIOException NotRegular(string operation, string path, string reason, int errno = 0) =>
        new(ShardError.NotARegularFile, operation, path, reason, errno);

    /// <summary>An error number in words.</summary>
    internal static string Describe(int errno) => errno switch
    {
        DarwinErrno.NoEntry => "there is nothing of this name",
        DarwinErrno.Exists => "the name is taken",
        DarwinErrno.NotEmpty => "the directory is not empty",
        DarwinErrno.AccessDenied or DarwinErrno.NotPermitted => "permission is missing",
        DarwinErrno.BadDescriptor => "the file was not opened for that",
        DarwinErrno.ReadOnly => "the file system is mounted read-only",
        DarwinErrno.IsDirectory => "it is a directory",
        DarwinErrno.NotDirectory => "it is not a directory",
        DarwinErrno.NoDeviceOrAddress => "it is a device, a pipe or a socket",
        DarwinErrno.NoSpace => "the file system is full",
        DarwinErrno.QuotaUsedUp => "the disk quota is used up",
        DarwinErrno.TextBusy => "it is a program that is running",
        DarwinErrno.Busy => "it is in use",
        DarwinErrno.Again => "another process is in the way for the moment",
        DarwinErrno.Deadlock => "its data is kept elsewhere by another storage manager, and this process may not have it fetched (setiopolicy_np)",
        DarwinErrno.IllegalBytes => "the file system takes only names in UTF-8",
        DarwinErrno.NotSupported or DarwinErrno.NotSupportedOnSocket or DarwinErrno.NoSystemCall or DarwinErrno.NoDevice or DarwinErrno.NotATerminal
            => "the file system cannot do this",
        DarwinErrno.FileTooBig => "the file would be larger than the file system or the process's limit allows",
        DarwinErrno.Range => "the value is longer than the space for it",
        DarwinErrno.ArgumentsTooBig => "the value is too long for the file system",
        DarwinErrno.NameTooLong => "the name is too long",
        DarwinErrno.Overflow => "a number is too large for the file system",
        DarwinErrno.ConnectionAborted or DarwinErrno.NotConnected or DarwinErrno.Shutdown or DarwinErrno.Stale or DarwinErrno.DeviceError =>
            $"the file system has lost its connection to this file, which must be opened anew ({DarwinErrno.NameOf(errno)})",
        DarwinErrno.InputOutput => "the file system reports an input/output error (EIO)",
        DarwinErrno.Interrupted => "the call was interrupted",
        DarwinErrno.NoLocks => "the file system has no more locks to give",
        DarwinErrno.OutOfMemory => "the kernel is out of memory",
        DarwinErrno.TooManyDescriptors => "this process has too many files open (see ulimit -n)",
        DarwinErrno.TableFull => "the system has too many files open",
        DarwinErrno.TimedOut => "the file system's server did not answer in time",
        _ => $"the file system answers {DarwinErrno.NameOf(errno)}",
    };
}
