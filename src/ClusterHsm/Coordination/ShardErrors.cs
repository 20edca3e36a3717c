using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Failures on control files in the words of <see cref="HsmException"/>.</summary>
internal static class ShardErrors
{
    /// <summary>The remedy for a damaged descriptor.</summary>
    public const string RestoreDescriptor = "Restore it from a backup, or correct it by hand while nobody is on the shard";

    /// <summary>A path of the shard as the user would name it.</summary>
    public static string Full(IShardFileSystem shard, string path) => path.Length == 0 ? shard.Root : $"{shard.Root.TrimEnd('/')}/{path}";

    /// <summary>What is known of why locks are not seen by every node, in brackets; empty if nothing is.</summary>
    public static string Because(IShardFileSystem shard) => shard.Capabilities.LockFault is { } fault ? $" ({fault})" : "";

    /// <summary>The named failure for one of the file system.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="failure">What the file system said.</param>
    /// <param name="path">The control file, below the root.</param>
    /// <param name="permission">Which permission is needed and what for, if that is what is missing.</param>
    public static HsmException Translate(IShardFileSystem shard, ShardIOException failure, string path, string permission)
    {
        string full = Full(shard, path);
        string said = failure.Message.TrimEnd('.');
        return failure.Error switch
        {
            ShardError.AccessDenied => new HsmAccessDeniedException(full, permission,
                "Ask the owner of the shard for it, or run as a user who has it", failure),
            ShardError.ReadOnly => new ReadOnlyShardException(full, "the file system is mounted read-only here",
                "Run this on a node that may write", failure),
            ShardError.NoSpace => new NoSpaceException(full, said, "Free some space or raise the quota, then try again", failure),
            ShardError.OutsideRoot => new OutsideRootException(full, said, "Remove the link that leads out of the shard", failure),
            ShardError.NotFound => new InvalidShardException(full, "it is missing",
                "Make it anew, empty, with the permissions of the control folder", failure),
            ShardError.NotARegularFile => new InvalidShardException(full, said, "Remove what has this name, then try again", failure),
            _ => new ShardFailureException(full, said, "See to the file system, then try again", failure),
        };
    }
}
