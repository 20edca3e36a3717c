using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Makes several open files durable: by one barrier where there is one, else each by itself.</summary>
internal static class Durability
{
    /// <summary>For fewer files than this, each is flushed by itself: a barrier also waits for what others have written.</summary>
    public const int LeastForBarrier = 8;

    /// <summary>By one barrier, or each by itself.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="files">The files, open since before what is to be durable was written.</param>
    /// <param name="fileOf">The open file.</param>
    /// <param name="fail">Told of each file that could not be made durable.</param>
    /// <returns>Those that are durable now.</returns>
    public static IReadOnlyList<T> Flush<T>(IShardFileSystem shard, IReadOnlyList<T> files, Func<T, IShardFile> fileOf, Action<T, ShardIOException> fail)
    {
        return files.Count >= LeastForBarrier && TryBarrier(shard) ? files : FlushEach(files, fileOf, fail);
    }

    /// <summary>Each by itself.</summary>
    /// <inheritdoc cref="Flush"/>
    public static IReadOnlyList<T> FlushEach<T>(IReadOnlyList<T> files, Func<T, IShardFile> fileOf, Action<T, ShardIOException> fail)
    {
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

    /// <summary>A barrier that fails does not say whose write was lost, and may tell of a stranger's. Each file knows of its own.</summary>
    /// <returns>False if there is none here, or it failed: then each file is flushed by itself.</returns>
    public static bool TryBarrier(IShardFileSystem shard)
    {
        if (!shard.Capabilities.HasBarrier)
            return false;
        try
        {
            shard.FlushAll();
            return true;
        }
        catch (ShardIOException)
        {
            return false;
        }
    }
}
