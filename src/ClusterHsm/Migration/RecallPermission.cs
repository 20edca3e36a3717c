using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>What a recall needs to be allowed to do, said when it is not.</summary>
internal static class RecallPermission
{
    private const string RecallElsewhere =
        $"Have it recalled by its owner or root, or open it with {nameof(StubAccess)}.{nameof(StubAccess.ReadThrough)}";

    /// <summary>Opens a stub for writing.</summary>
    /// <exception cref="HsmAccessDeniedException">Permission is missing.</exception>
    /// <exception cref="ReadOnlyShardException">The shard is mounted read-only here.</exception>
    public static IShardFile Reopen(IShardFile known, string display)
    {
        try
        {
            return known.Reopen(ShardOpenOptions.ReadWrite);
        }
        catch (ShardIOException e) when (e.Error == ShardError.AccessDenied)
        {
            throw Missing(display, e);
        }
        catch (ShardIOException e) when (e.Error == ShardError.ReadOnly)
        {
            throw new ReadOnlyShardException(display, "it is a stub, and cannot be recalled where the shard is mounted read-only",
                $"Have it recalled on a node that mounts the shard for writing, or open it with {nameof(StubAccess)}.{nameof(StubAccess.ReadThrough)}", e);
        }
    }

    public static HsmAccessDeniedException Missing(string display, ShardIOException e) => new(display,
        "it is a stub, and who recalls it must own it and have write permission, because its data is written and its times are put back",
        RecallElsewhere, e);
}
