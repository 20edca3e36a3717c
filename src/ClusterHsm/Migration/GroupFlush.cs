using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Makes files durable for many who wait, where there is a barrier that does for all of them. Thread-safe.</summary>
internal sealed class GroupFlush
{
    private readonly IShardFileSystem _shard;
    private readonly GroupCommit<IShardFile> _group;

    public GroupFlush(IShardFileSystem shard)
    {
        _shard = shard;
        _group = new GroupCommit<IShardFile>(shard.Clock, Flush);
    }

    /// <inheritdoc cref="GroupCommit{T}.Announce"/>
    public IDisposable Announce(int count = 1) => _group.Announce(count);

    /// <summary>Makes a file's data, size, times and record durable.</summary>
    /// <exception cref="ShardIOException">It cannot be made durable.</exception>
    public Task FlushAsync(IShardFile file)
    {
        if (_shard.Capabilities.HasBarrier)
            return _group.CommitAsync(file);
        file.Flush();
        return Task.CompletedTask;
    }

    private ValueTask Flush(IReadOnlyList<IShardFile> files, Action<IShardFile, Exception> fail)
    {
        Durability.Flush(_shard, files, static file => file, fail);
        return ValueTask.CompletedTask;
    }
}
