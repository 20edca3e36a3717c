namespace ClusterHsm.FileSystem.MacOS;

/// <summary>Error numbers of macOS that this layer knows (bsd/sys/errno.h). From 35 on they are not Linux's.</summary>
internal static class DarwinErrno
{
    internal const int None = 0;
    internal const int NotPermitted = 1; // EPERM
    internal const int NoEntry = 2; // ENOENT
    internal const int Interrupted = 4; // EINTR
    internal const int InputOutput = 5; // EIO
    internal const int NoDeviceOrAddress = 6; // ENXIO
    internal const int ArgumentsTooBig = 7; // E2BIG
    internal const int BadDescriptor = 9; // EBADF
    internal const int Deadlock = 11; // EDEADLK
    internal const int OutOfMemory = 12; // ENOMEM
    internal const int AccessDenied = 13; // EACCES
    internal const int Busy = 16; // EBUSY
    internal const int Exists = 17; // EEXIST
    internal const int CrossDevice = 18; // EXDEV
    internal const int NoDevice = 19; // ENODEV
    internal const int NotDirectory = 20; // ENOTDIR
    internal const int IsDirectory = 21; // EISDIR
    internal const int Invalid = 22; // EINVAL
    internal const int TableFull = 23; // ENFILE
    internal const int TooManyDescriptors = 24; // EMFILE
    internal const int NotATerminal = 25; // ENOTTY
    internal const int TextBusy = 26; // ETXTBSY
    internal const int FileTooBig = 27; // EFBIG
    internal const int NoSpace = 28; // ENOSPC
    internal const int ReadOnly = 30; // EROFS
    internal const int TooManyLinks = 31; // EMLINK
    internal const int Range = 34; // ERANGE
    internal const int Again = 35; // EAGAIN, EWOULDBLOCK
    internal const int NotSupported = 45; // ENOTSUP
    internal const int ConnectionAborted = 53; // ECONNABORTED
    internal const int NotConnected = 57; // ENOTCONN
    internal const int Shutdown = 58; // ESHUTDOWN
    internal const int TimedOut = 60; // ETIMEDOUT
    internal const int LinkLoop = 62; // ELOOP
    internal const int NameTooLong = 63; // ENAMETOOLONG
    internal const int HostDown = 64; // EHOSTDOWN
    internal const int NotEmpty = 66; // ENOTEMPTY
    internal const int QuotaUsedUp = 69; // EDQUOT
    internal const int Stale = 70; // ESTALE
    internal const int NoLocks = 77; // ENOLCK
    internal const int NoSystemCall = 78; // ENOSYS
    internal const int DeviceError = 83; // EDEVERR
    internal const int Overflow = 84; // EOVERFLOW
    internal const int IllegalBytes = 92; // EILSEQ
    internal const int NoAttribute = 93; // ENOATTR
    internal const int NotSupportedOnSocket = 102; // EOPNOTSUPP

    /// <summary>The number's name, or the number.</summary>
    internal static string NameOf(int errno) => errno switch
    {
        NotPermitted => "EPERM",
        InputOutput => "EIO",
        14 => "EFAULT",
        CrossDevice => "EXDEV",
        Invalid => "EINVAL",
        29 => "ESPIPE",
        TooManyLinks => "EMLINK",
        ConnectionAborted => "ECONNABORTED",
        54 => "ECONNRESET",
        NotConnected => "ENOTCONN",
        Shutdown => "ESHUTDOWN",
        61 => "ECONNREFUSED",
        65 => "EHOSTUNREACH",
        Stale => "ESTALE",
        80 => "EAUTH",
        DeviceError => "EDEVERR",
        89 => "ECANCELED",
        NoAttribute => "ENOATTR",
        _ => $"error {errno}",
    };
}
