using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Files whose data another storage manager keeps elsewhere: they are left alone, and not opened, because that may have them fetched.</summary>
internal static class ForeignStub
{
    /// <summary>Why such a file is passed over.</summary>
    public const string Reason = "another storage manager has its data elsewhere";

    /// <summary>Whether a name leads to one: it is marked as offline and has no record of ClusterHsm.</summary>
    /// <exception cref="ShardIOException">It could not be looked at.</exception>
    public static bool IsAt(IShardFileSystem shard, string path) => shard.IsOffline(path) && !HasRecord(shard, path);

    private static bool HasRecord(IShardFileSystem shard, string path)
    {
        try
        {
            return shard.ReadAttribute(path, StubRecord.AttributeName) is not null;
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            return false; // no attributes here: no file can be a stub
        }
    }
}
