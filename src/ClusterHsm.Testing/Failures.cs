using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>Kinds of failures with their words and the error numbers that Linux gives them.</summary>
internal static class Failures
{
    public static int NativeError(ShardError error) => error switch
    {
        ShardError.None => 0,
        ShardError.NotFound => 2,
        ShardError.AlreadyExists => 17,
        ShardError.AccessDenied => 13,
        ShardError.ReadOnly => 30,
        ShardError.NotARegularFile => 21,
        ShardError.OutsideRoot => 18,
        ShardError.NoSpace => 28,
        ShardError.Busy => 11,
        ShardError.NotSupported => 95,
        ShardError.TooLarge => 34,
        ShardError.DeadHandle => 107,
        ShardError.Temporary => 4,
        _ => 5,
    };

    public static string Reason(ShardError error) => error switch
    {
        ShardError.NotFound => "there is no such file or directory",
        ShardError.AlreadyExists => "the name is taken",
        ShardError.AccessDenied => "permission is missing",
        ShardError.ReadOnly => "the file system is mounted read-only",
        ShardError.NotARegularFile => "it is not a regular file",
        ShardError.OutsideRoot => "the path leads out of the shard",
        ShardError.NoSpace => "the file system is full",
        ShardError.Busy => "another process holds openers back",
        ShardError.NotSupported => "the file system cannot do this",
        ShardError.TooLarge => "a value does not fit",
        ShardError.DeadHandle => "the connection to the file system is gone",
        ShardError.Temporary => "the call was interrupted",
        _ => "the file system failed",
    };
}
