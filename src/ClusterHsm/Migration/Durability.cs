using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Makes several open files durable: by one barrier where there is one, else each by itself.</summary>
internal static class Durability
{
    /// <summary>For fewer files than this, each is flushed by itself: a barrier also waits for what others have written.</summary>
    public const int LeastForBarrier = 8;

    /// <param name="shard">The shard.</param>
    /// <param name="files">The files.</param>
    /// <param name="fileOf">The open file.</param>
    /// <param name="fail">Told of each file that could not be made durable.</param>
    /// <returns>Those that are durable now.</returns>
    public static List<T> Flush<T>(IShardFileSystem shard, IReadOnlyList<T> files, Func<T, IShardFile> fileOf, Action<T, ShardIOException> fail)
    {
        if (files.Count >= LeastForBarrier && shard.Capabilities.HasBarrier)
        {
            try
            {
                shard.FlushAll();
                return [.. files];
            }
            catch (ShardIOException e)
            {
                foreach (T file in files)
                    fail(file, e);
                return [];
            }
        }
        List<T> durable = [];
        foreach (T file in files)
        {
            try
            {
                fileOf(file).Flush();
                durable.Add(file);
            }
            catch (ShardIOException e)
            {
                fail(file, e);
            }
        }
        return durable;
    }
}
