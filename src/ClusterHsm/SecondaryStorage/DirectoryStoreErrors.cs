namespace ClusterHsm.SecondaryStorage;

/// <summary>Gives a failure below a directory store the name it has above it.</summary>
internal static class DirectoryStoreErrors
{
    /// <summary>Whether this is a failure of the file system that has no name yet.</summary>
    public static bool IsUnnamed(Exception exception) =>
        exception is (IOException or UnauthorizedAccessException) and not HsmException;

    /// <summary>The named failure.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="doing">What was being done: <c>write object …</c>.</param>
    /// <param name="failure">What went wrong.</param>
    public static HsmException Name(string root, string doing, Exception failure)
    {
        int error = StoreErrno.Of(failure);
        string reason = failure is StoreDiskException disk ? disk.Reason : failure.Message.TrimEnd('.');
        return failure switch
        {
            UnauthorizedAccessException => Denied(),
            _ when error is StoreErrno.AccessDenied or StoreErrno.NotPermitted => Denied(),
            _ when error is StoreErrno.ReadOnly => new HsmAccessDeniedException(
                root, $"cannot {doing}: the store is mounted read-only here", "Mount it for writing, or work on a computer that has it so", failure),
            _ when error is StoreErrno.NoSpace or StoreErrno.QuotaExceeded => new NoSpaceException(
                root, $"cannot {doing}: the store is full ({reason})", "Free space in the store or make it larger, then try again", failure),
            _ when error is StoreErrno.TooBig => new NoSpaceException(
                root, $"cannot {doing}: the store's file system holds no file of that size ({reason})", "Use a store on a file system that does", failure),
            _ when error is StoreErrno.OtherDevice => new StoreUnavailableException(
                root, $"cannot {doing}: the store's folders are on different file systems", "Keep the whole store on one file system", failure),
            _ => new StoreUnavailableException(
                root, $"cannot {doing}: {reason}", "Check that the store is mounted and its disk is sound, then try again", failure),
        };

        HsmAccessDeniedException Denied() => new(
            root, $"cannot {doing}: permission is missing ({reason})", "Run as a user who may read and write the store's folder", failure);
    }
}
