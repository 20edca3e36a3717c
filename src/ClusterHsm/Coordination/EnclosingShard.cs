using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>
/// Finds a shard around a shard. Whoever opens a file through the outer one is told of migrations by its signal file and not by the
/// inner one's, and would read the hole of a stub that is made under the inner one's.
/// </summary>
internal static class EnclosingShard
{
    /// <summary>The way out for a shard that lies in another.</summary>
    public const string Remedy =
        "Move it out of there; or recall every file of one of the two, and then remove its '" + ControlFolder.Name + "'";

    /// <summary>The root of the nearest shard that a folder lies in; null if it lies in none.</summary>
    /// <remarks>What is mounted below the root of a shard does not belong to it, and may be a shard.</remarks>
    public static string? Find(string root)
    {
        string real = RealPath.Of(root);
        for (string? folder = Path.GetDirectoryName(real); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, ControlFolder.DescriptorPath)))
                return BelongsTo(folder, real) ? folder : null;
        }
        return null;
    }

    private static bool BelongsTo(string outer, string inner)
    {
        try
        {
            using IShardFileSystem shard = ShardFileSystem.Open(outer);
            for (string path = ShardPath.Normalize(shard.Root, inner); path.Length > 0; path = ShardPath.Parent(path))
            {
                if (shard.GetInfo(path) is { Identity.OnShardDevice: false })
                    return false;
            }
            return true;
        }
        catch (ShardIOException)
        {
            return true; // nobody knows, and the other answer may cost data
        }
    }
}
