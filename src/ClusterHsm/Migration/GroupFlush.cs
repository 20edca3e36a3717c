using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>
/// Makes files durable for many who wait: who comes while a flush runs is served by the next, and one barrier does for all of them.
/// </summary>
/// <remarks>
/// Thread-safe. The group commit of databases: D. J. DeWitt et al., "Implementation Techniques for Main Memory Database Systems",
/// SIGMOD 1984.
/// </remarks>
internal sealed class GroupFlush(IShardFileSystem shard)
{
    private readonly Lock _lock = new();
    private List<Request> _waiting = [];
    private bool _isRunning;

    /// <summary>Makes a file's data, size, times and record durable. The first of several does it on its own thread.</summary>
    /// <exception cref="ShardIOException">It cannot be made durable.</exception>
    public Task FlushAsync(IShardFile file)
    {
        if (!shard.Capabilities.HasBarrier)
        {
            file.Flush();
            return Task.CompletedTask;
        }
        Request request = new(file);
        List<Request>? batch;
        lock (_lock)
        {
            _waiting.Add(request);
            batch = _isRunning ? null : Take();
        }
        if (batch is not null)
        {
            Flush(batch);
            Next();
        }
        return request.Task;
    }

    /// <summary>Serves those who came meanwhile; not on the thread of one who has been served.</summary>
    private void Next()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                return;
            }
        }
        _ = Task.Run(() =>
        {
            List<Request> batch;
            lock (_lock)
                batch = Take();
            Flush(batch);
            Next();
        });
    }

    private List<Request> Take()
    {
        _isRunning = true;
        (List<Request> batch, _waiting) = (_waiting, []);
        return batch;
    }

    private void Flush(List<Request> batch)
    {
        try
        {
            foreach (Request durable in Durability.Flush(shard, batch, static one => one.File, static (one, e) => one.TrySetException(e)))
                durable.TrySetResult();
        }
        catch (Exception e)
        {
            // Nobody may be left waiting, whatever it was.
            foreach (Request one in batch)
                one.TrySetException(e);
        }
    }

    private sealed class Request(IShardFile file) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public IShardFile File => file;
    }
}
