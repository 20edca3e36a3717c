namespace ClusterHsm.FileSystem.Linux;

/// <summary>Error numbers of Linux that this layer knows (asm-generic/errno.h; the same on every architecture that .NET runs on).</summary>
internal static class Errno
{
    internal const int None = 0;
    internal const int NotPermitted = 1; // EPERM
    internal const int NoEntry = 2; // ENOENT
    internal const int Interrupted = 4; // EINTR
    internal const int InputOutput = 5; // EIO
    internal const int NoDeviceOrAddress = 6; // ENXIO
    internal const int BadDescriptor = 9; // EBADF
    internal const int Again = 11; // EAGAIN, EWOULDBLOCK
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
    internal const int NameTooLong = 36; // ENAMETOOLONG
    internal const int NoLocks = 37; // ENOLCK
    internal const int NoSystemCall = 38; // ENOSYS
    internal const int NotEmpty = 39; // ENOTEMPTY
    internal const int LinkLoop = 40; // ELOOP
    internal const int NoData = 61; // ENODATA
    internal const int ArgumentsTooBig = 7; // E2BIG
    internal const int Overflow = 75; // EOVERFLOW
    internal const int BadDescriptorState = 77; // EBADFD
    internal const int NotSupported = 95; // EOPNOTSUPP, ENOTSUP
    internal const int ConnectionAborted = 103; // ECONNABORTED: what FUSE answers to the calls under way when its daemon dies
    internal const int NotConnected = 107; // ENOTCONN
    internal const int Shutdown = 108; // ESHUTDOWN
    internal const int TimedOut = 110; // ETIMEDOUT
    internal const int HostDown = 112; // EHOSTDOWN
    internal const int Stale = 116; // ESTALE
    internal const int QuotaUsedUp = 122; // EDQUOT

    /// <summary>The number's name, or the number.</summary>
    internal static string NameOf(int errno) => errno switch
    {
        NotPermitted => "EPERM",
        NoEntry => "ENOENT",
        Interrupted => "EINTR",
        InputOutput => "EIO",
        NoDeviceOrAddress => "ENXIO",
        ArgumentsTooBig => "E2BIG",
        BadDescriptor => "EBADF",
        Again => "EAGAIN",
        OutOfMemory => "ENOMEM",
        AccessDenied => "EACCES",
        14 => "EFAULT",
        Busy => "EBUSY",
        Exists => "EEXIST",
        CrossDevice => "EXDEV",
        NoDevice => "ENODEV",
        NotDirectory => "ENOTDIR",
        IsDirectory => "EISDIR",
        Invalid => "EINVAL",
        TableFull => "ENFILE",
        TooManyDescriptors => "EMFILE",
        NotATerminal => "ENOTTY",
        TextBusy => "ETXTBSY",
        FileTooBig => "EFBIG",
        NoSpace => "ENOSPC",
        29 => "ESPIPE",
        ReadOnly => "EROFS",
        TooManyLinks => "EMLINK",
        32 => "EPIPE",
        Range => "ERANGE",
        35 => "EDEADLK",
        NameTooLong => "ENAMETOOLONG",
        NoLocks => "ENOLCK",
        NoSystemCall => "ENOSYS",
        NotEmpty => "ENOTEMPTY",
        LinkLoop => "ELOOP",
        NoData => "ENODATA",
        Overflow => "EOVERFLOW",
        71 => "EPROTO",
        BadDescriptorState => "EBADFD",
        NotSupported => "EOPNOTSUPP",
        ConnectionAborted => "ECONNABORTED",
        104 => "ECONNRESET",
        NotConnected => "ENOTCONN",
        Shutdown => "ESHUTDOWN",
        TimedOut => "ETIMEDOUT",
        111 => "ECONNREFUSED",
        HostDown => "EHOSTDOWN",
        113 => "EHOSTUNREACH",
        Stale => "ESTALE",
        117 => "EUCLEAN",
        121 => "EREMOTEIO",
        QuotaUsedUp => "EDQUOT",
        125 => "ECANCELED",
        _ => $"error {errno}",
    };
}
