namespace ClusterHsm.FileSystem.Linux;

/// <summary>What Linux's error numbers mean for a shard, and in words.</summary>
internal static class LinuxErrors
{
    /// <summary>The kind of failure that a number stands for, unless the call it came from says otherwise.</summary>
    internal static ShardError KindOf(int errno) => errno switch
    {
        Errno.None => ShardError.None,
        Errno.NoEntry => ShardError.NotFound,
        Errno.Exists or Errno.NotEmpty => ShardError.AlreadyExists,

        // Descriptors cannot be closed under a call here (LinuxFileHandle counts), so EBADF means: not opened for that.
        Errno.AccessDenied or Errno.NotPermitted or Errno.BadDescriptor => ShardError.AccessDenied,
        Errno.ReadOnly => ShardError.ReadOnly,
        Errno.IsDirectory or Errno.NotDirectory or Errno.NoDeviceOrAddress => ShardError.NotARegularFile,
        Errno.NoSpace or Errno.QuotaUsedUp => ShardError.NoSpace,
        Errno.TextBusy or Errno.Busy or Errno.Again => ShardError.Busy,
        Errno.NotSupported or Errno.NoSystemCall or Errno.NoDevice or Errno.NotATerminal => ShardError.NotSupported,
        Errno.FileTooBig or Errno.Range or Errno.ArgumentsTooBig or Errno.NameTooLong or Errno.Overflow => ShardError.TooLarge,
        Errno.BadDescriptorState or Errno.ConnectionAborted or Errno.NotConnected or Errno.Shutdown or Errno.Stale or Errno.InputOutput
            => ShardError.DeadHandle,
        Errno.Interrupted or Errno.NoLocks or Errno.OutOfMemory or Errno.TooManyDescriptors or Errno.TableFull or Errno.TimedOut
            => ShardError.Temporary,
        _ => ShardError.Other,
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
        Errno.CrossDevice => new(ShardError.OutsideRoot, operation, path, "the path leads out of the shard's root", errno),
        Errno.NotDirectory => new(ShardError.NotFound, operation, path, "a part of the path is not a directory", errno),
        Errno.LinkLoop => new(ShardError.Other, operation, path, "its symbolic links lead round in a circle", errno),
        Errno.NoDeviceOrAddress or Errno.NoDevice => NotRegular(operation, path, "it is a device, a pipe or a socket", errno),
        Errno.IsDirectory => NotRegular(operation, path, "it is a directory", errno),
        Errno.Again => new(ShardError.Busy, operation, path, "another process keeps openers out for the moment", errno),
        Errno.NotPermitted => new(ShardError.AccessDenied, operation, path, "permission is missing, or the file is immutable", errno),
        _ => Failure(operation, path, errno),
    };

    /// <summary>The failure of a call about an extended attribute.</summary>
    internal static ShardIOException AttributeFailure(string operation, string path, int errno) => errno switch
    {
        Errno.NotSupported => new(ShardError.NotSupported, operation, path, "the file system keeps no such extended attributes", errno),
        Errno.NoSpace => new(ShardError.NoSpace, operation, path, "there is no room for it beside the file's other extended attributes, or the file system is full", errno),
        _ => Failure(operation, path, errno),
    };

    /// <summary>Something else has the name where a regular file was asked for.</summary>
    internal static ShardIOException NotRegular(string operation, string path, string reason, int errno = 0) =>
        new(ShardError.NotARegularFile, operation, path, reason, errno);

    private static string Describe(int errno) => errno switch
    {
        Errno.NoEntry => "there is nothing of this name",
        Errno.Exists => "the name is taken",
        Errno.NotEmpty => "the directory is not empty",
        Errno.AccessDenied or Errno.NotPermitted => "permission is missing",
        Errno.BadDescriptor => "the file was not opened for that",
        Errno.ReadOnly => "the file system is mounted read-only",
        Errno.IsDirectory => "it is a directory",
        Errno.NotDirectory => "it is not a directory",
        Errno.NoDeviceOrAddress => "it is a device, a pipe or a socket",
        Errno.NoSpace => "the file system is full",
        Errno.QuotaUsedUp => "the disk quota is used up",
        Errno.TextBusy => "it is a program that is running",
        Errno.Busy => "it is in use",
        Errno.Again => "another process is in the way for the moment",
        Errno.NotSupported or Errno.NoSystemCall or Errno.NoDevice or Errno.NotATerminal => "the file system cannot do this",
        Errno.FileTooBig => "the file would be larger than the file system or the process's limit allows",
        Errno.Range => "the value is longer than the space for it",
        Errno.ArgumentsTooBig => "the value is too long for the file system",
        Errno.NameTooLong => "the name is too long",
        Errno.Overflow => "a number is too large for the file system",
        Errno.BadDescriptorState or Errno.ConnectionAborted or Errno.NotConnected or Errno.Shutdown or Errno.Stale =>
            $"the file system has lost its connection to this file, which must be opened anew ({Errno.NameOf(errno)})",
        Errno.InputOutput => "the file system reports an input/output error (EIO)",
        Errno.Interrupted => "the call was interrupted",
        Errno.NoLocks => "the file system has no more locks to give",
        Errno.OutOfMemory => "the kernel is out of memory",
        Errno.TooManyDescriptors => "this process has too many files open (see ulimit -n)",
        Errno.TableFull => "the system has too many files open",
        Errno.TimedOut => "the file system's server did not answer in time",
        _ => $"the file system answers {Errno.NameOf(errno)}",
    };
}
