namespace ClusterHsm.FileSystem.Windows;

/// <summary>What the error numbers of Windows mean for a shard, and in words.</summary>
internal static class WindowsErrors
{
    /// <summary>The kind of failure that a number stands for, unless the call it came from says otherwise.</summary>
    internal static ShardError KindOf(int error) => error switch
    {
        Win32Error.None => ShardError.None,
        Win32Error.FileNotFound or Win32Error.PathNotFound or Win32Error.InvalidName or Win32Error.DeletePending => ShardError.NotFound,
        Win32Error.FileExists or Win32Error.AlreadyExists or Win32Error.DirectoryNotEmpty => ShardError.AlreadyExists,
        Win32Error.AccessDenied or Win32Error.PrivilegeNotHeld => ShardError.AccessDenied,
        Win32Error.WriteProtected => ShardError.ReadOnly,
        Win32Error.Directory or Win32Error.DirectoryNotSupported => ShardError.NotARegularFile,
        Win32Error.ReparsePointEncountered => ShardError.OutsideRoot,
        Win32Error.DiskFull or Win32Error.HandleDiskFull or Win32Error.QuotaExceeded => ShardError.NoSpace,
        Win32Error.SharingViolation or Win32Error.LockViolation or Win32Error.UserMappedFile => ShardError.Busy,
        Win32Error.InvalidFunction or Win32Error.NotSupported or Win32Error.CallNotImplemented or Win32Error.InvalidLevel
            or Win32Error.InvalidParameter or Win32Error.NotSameDevice => ShardError.NotSupported,
        Win32Error.NameTooLong or Win32Error.FileTooLarge or Win32Error.MoreData or Win32Error.InsufficientBuffer or Win32Error.TooManyLinks => ShardError.TooLarge,

        // Handles cannot be closed under a call here (SafeHandle counts), so an invalid one is one that its server has given up.
        Win32Error.InvalidHandle or Win32Error.NetNameDeleted or Win32Error.UnexpectedNetError or Win32Error.BadNetPath
            or Win32Error.BadNetName or Win32Error.DeviceGone or Win32Error.FileInvalid or Win32Error.IoDevice or Win32Error.NotReady
            or Win32Error.NetworkUnreachable or Win32Error.HostUnreachable or Win32Error.ConnectionAborted => ShardError.DeadHandle,
        Win32Error.NotEnoughMemory or Win32Error.OutOfMemory or Win32Error.TooManyOpenFiles or Win32Error.NoSystemResources
            or Win32Error.SemaphoreTimeout or Win32Error.Timeout => ShardError.Temporary,
        _ => ShardError.Other,
    };

    /// <summary>The failure of a call.</summary>
    /// <param name="operation">What was tried, as a verb.</param>
    /// <param name="path">The full path.</param>
    /// <param name="error">The error number.</param>
    internal static ShardIOException Failure(string operation, string path, int error) =>
        new(KindOf(error), operation, path, Describe(error), error);

    /// <summary>The failure of a call that opens by a path: some numbers mean something of their own there.</summary>
    internal static ShardIOException PathFailure(string operation, string path, int error) => error switch
    {
        Win32Error.Directory => new(ShardError.NotFound, operation, path, "a part of the path is not a directory", error),
        Win32Error.InvalidParameter => new(ShardError.NotSupported, operation, path,
            "this Windows cannot open a path so that no link leads out of the root (it takes Windows 10 1709 or Server 2019)", error),
        _ => Failure(operation, path, error),
    };

    /// <summary>The failure of a call about an alternate data stream.</summary>
    internal static ShardIOException StreamFailure(string operation, string path, int error) => error switch
    {
        Win32Error.InvalidName or Win32Error.PathNotFound or Win32Error.Directory => new(ShardError.NotSupported, operation, path,
            "the file system keeps no alternate data streams", error),
        _ when KindOf(error) == ShardError.NotSupported => new(ShardError.NotSupported, operation, path,
            "the file system keeps no alternate data streams", error),
        _ => Failure(operation, path, error),
    };

    /// <summary>Something else has the name where a regular file was asked for.</summary>
    internal static ShardIOException NotRegular(string operation, string path, string reason, int error = 0) =>
        new(ShardError.NotARegularFile, operation, path, reason, error);

    private static string Describe(int error) => error switch
    {
        Win32Error.FileNotFound => "there is nothing of this name",
        Win32Error.PathNotFound => "the directory that it would be in is not there",
        Win32Error.InvalidName => "Windows has no such names",
        Win32Error.DeletePending => "it is deleted, and goes when the last program closes it",
        Win32Error.FileExists or Win32Error.AlreadyExists => "the name is taken",
        Win32Error.DirectoryNotEmpty => "the directory is not empty",
        Win32Error.AccessDenied or Win32Error.PrivilegeNotHeld => "permission is missing, the file is read-only, or it was not opened for that",
        Win32Error.WriteProtected => "the volume is write-protected",
        Win32Error.Directory => "it is not a directory",
        Win32Error.DirectoryNotSupported => "it is a directory",
        Win32Error.ReparsePointEncountered => "the path leads through a link",
        Win32Error.DiskFull or Win32Error.HandleDiskFull => "the volume is full",
        Win32Error.QuotaExceeded => "the disk quota is used up",
        Win32Error.SharingViolation => "another program has it open and does not share it",
        Win32Error.LockViolation => "another program has locked this part of it",
        Win32Error.UserMappedFile => "a program has it mapped into its memory",
        Win32Error.NotSameDevice => "the two places are on different volumes",
        Win32Error.NameTooLong => "the name is too long",
        Win32Error.FileTooLarge => "the file would be larger than the file system allows",
        Win32Error.TooManyLinks => "it has as many names as the file system allows",
        Win32Error.MoreData or Win32Error.InsufficientBuffer => "the value is longer than the space for it",
        Win32Error.NotEnoughMemory or Win32Error.OutOfMemory or Win32Error.NoSystemResources => "the system is out of memory",
        Win32Error.TooManyOpenFiles => "too many files are open",
        Win32Error.SemaphoreTimeout or Win32Error.Timeout => "the server did not answer in time",
        _ when KindOf(error) == ShardError.DeadHandle => $"the file system has lost its connection to this file, which must be opened anew (error {error})",
        _ when KindOf(error) == ShardError.NotSupported => $"the file system cannot do this (error {error})",
        _ => $"the file system answers error {error}",
    };
}
