using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>Whether the copy in secondary storage is still a copy of what is on the shard.</summary>
internal enum CopyValidity
{
    /// <summary>Size or mtime have moved: the data was written.</summary>
    Stale,

    /// <summary>
    /// Size and mtime are those recorded, ctime is not. A chmod, a rename or the record itself moves ctime; so does a write whose mtime
    /// was set back. Only the data can tell.
    /// </summary>
    NeedsDigest,

    /// <summary>Nothing has moved.</summary>
    Valid,
}

internal static class CopyValidityExtensions
{
    /// <param name="record">An archived record.</param>
    /// <param name="info">The file as it is now.</param>
    /// <param name="sealedAt">The ctime that this process saw right after it wrote the record, if it did.</param>
    public static CopyValidity Judge(this StubRecord record, in ShardFileInfo info, ShardTimestamp? sealedAt = null) =>
        info.Size != record.Size || info.Modified != record.Modified ? CopyValidity.Stale
        : info.Changed == record.Changed || info.Changed == sealedAt ? CopyValidity.Valid
        : CopyValidity.NeedsDigest;
}
