using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>The fresh folder that all trials are made in.</summary>
internal static class ProbeFolder
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it: in the control folder of a shard, else in the root.</summary>
    /// <returns>Its path below the root.</returns>
    /// <exception cref="ShardIOException">It cannot be made.</exception>
    public static string Make(IShardFileSystem shard, bool isShard)
    {
        string path = isShard ? $"{ControlFolder.Name}/doctor-{Guid.NewGuid():N}" : $"{ControlFolder.Name}-doctor-{Guid.NewGuid():N}";
        shard.CreateDirectory(path, Mode);
        return path;
    }

    /// <summary>Removes it with all that is in it. Nobody may have its files open any more: NFS gives such files other names.</summary>
    /// <exception cref="IOException">Something is left.</exception>
    public static void Remove(IShardFileSystem shard, string path, Action<string> removeDirectory)
    {
        foreach (ShardEntry entry in shard.ReadDirectory(path).ToArray())
            shard.Delete(ShardPath.Combine(path, entry.Name));
        removeDirectory(ShardPath.Display(shard.Root, path));
    }
}
