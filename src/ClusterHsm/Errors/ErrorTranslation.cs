using ClusterHsm.FileSystem;

namespace ClusterHsm;

/// <summary>Gives a failure of the file system the name, and the way out, that a user of a shard can act on.</summary>
internal static class ErrorTranslation
{
    public static HsmException ToHsmException(this ShardIOException e)
    {
        string cause = $"cannot {e.Operation} it: {Reason(e)}";
        return e.Error switch
        {
            ShardError.NotFound => new HsmFileNotFoundException(e.Path, "there is no such file", "Check the path; it may have been deleted or renamed", e),
            ShardError.AlreadyExists => new HsmAlreadyExistsException(e.Path, "a file of this name is already there", "Choose another name or remove it first", e),
            ShardError.AccessDenied => new HsmAccessDeniedException(e.Path, cause, "Run as a user who has the permission, or have it granted", e),
            ShardError.ReadOnly => new ReadOnlyShardException(e.Path, "the shard is mounted read-only here", "Use a node that mounts it for writing", e),
            ShardError.NotARegularFile => OfAnotherKind(e),
            ShardError.OutsideRoot => new OutsideRootException(e.Path, "the path leads out of the shard", "Name a file below the root that is not reached through '..' or a symbolic link out of it", e),
            ShardError.NoSpace => new NoSpaceException(e.Path, cause, "Free space, for example by migrating other files, and try again", e),
            ShardError.Busy => new FileBusyException(e.Path, "another process holds it", "Try again later", e),
            ShardError.NotSupported => new ShardNotSupportedException(e.Path, $"the file system does not support this ({e.Operation})", "'clusterhsm doctor' tells what this file system can do", e),
            ShardError.TooLarge => new ShardFailureException(e.Path, cause, "The file system limits attributes or files to less", e),
            ShardError.DeadHandle => new ShardFailureException(e.Path, cause, "The node has lost its file server or the file was removed; open it again once the mount answers", e),
            _ => new ShardFailureException(e.Path, cause, "See the system's log for the file system", e),
        };
    }

    /// <summary>What has the name is of another kind than was wanted: a volume is opened on a folder, folders are listed, and all else is done to regular files.</summary>
    private static NotARegularFileException OfAnotherKind(ShardIOException e) => (e.Operation, Reason(e)) switch
    {
        ("open the shard", _) => new(e.Path, "it is not a folder", "Name the folder that is the root of the shard", e),
        (_, "it is not a directory") => new(e.Path, "it is neither a regular file nor a folder", "Name a regular file, or a folder of them", e),
        (_, "it is a directory") => new(e.Path, "it is a folder", "Name a regular file in it", e),
        (_, { } reason) => new(e.Path, reason, "Name a regular file", e),
    };

    // ShardIOException's message is "Cannot {operation} '{path}': {reason}."; the path and the verb are said once only.
    private static string Reason(ShardIOException e)
    {
        string prefix = $"Cannot {e.Operation} '{e.Path}': ";
        return e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..].TrimEnd('.') : e.Message;
    }
}
