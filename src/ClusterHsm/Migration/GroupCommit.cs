namespace ClusterHsm.Migration;

/// <summary>
/// Does once for many what each of them waits for: who comes while it is being done is served by the next time, and that begins when half
/// of those who have announced themselves have come.
/// </summary>
/// <remarks>
/// Thread-safe. The group commit of databases: D. J. DeWitt et al., "Implementation Techniques for Main Memory Database Systems",
/// SIGMOD 1984. Half, so that one half works while the other is served.
/// </remarks>
/// <param name="clock">For the wait.</param>
/// <param name="commit">Serves a group; told of each that fails by itself, and fails for all that it has not told of by throwing.</param>
internal sealed class GroupCommit<T>(TimeProvider clock, Func<IReadOnlyList<T>, Action<T, Exception>, ValueTask> commit)
    where T : notnull
{
    /// <summary>
    /// For so long those who have come wait for those who have announced themselves and are held up: longer than it takes to copy some
    /// hundred small files, and not so long that a reader who waits for his file would mind.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private List<Request> _waiting = [];
    private int _announced;
    private bool _isRunning, _isWaited;

    /// <summary>Says that more will come, each perhaps several times, until what is returned is disposed.</summary>
    public IDisposable Announce(int count = 1)
    {
        lock (_lock)
            _announced += count;
        return new Announcement(this, count);
    }

    /// <summary>Completes when it was done. Alone, it is done on the caller's thread.</summary>
    public Task CommitAsync(T item)
    {
        Request request = new(item);
        lock (_lock)
            _waiting.Add(request);
        Begin(mayWait: true, mayRunHere: true);
        return request.Task;
    }

    private void Leave(int count)
    {
        lock (_lock)
            _announced -= count;
        Begin(mayWait: true);
    }

    /// <summary>Begins to serve those who wait, if it is time.</summary>
    /// <param name="mayWait">Whether those who are coming are waited for.</param>
    /// <param name="mayRunHere">Whether the caller is the one who is served, if it is only one.</param>
    private void Begin(bool mayWait, bool mayRunHere = false)
    {
        List<Request> group;
        lock (_lock)
        {
            if (_isRunning || _waiting.Count == 0)
                return;
            // Those who are told just now count as coming: they come again, or leave.
            int coming = _announced - _waiting.Count;
            if (mayWait && _waiting.Count < coming)
            {
                if (!_isWaited)
                    _ = WaitAsync();
                return;
            }
            _isRunning = true;
            (group, _waiting) = (_waiting, []);
        }
        if (mayRunHere && group.Count == 1)
            _ = ServeAsync(group);
        else
            _ = Task.Run(() => ServeAsync(group)); // not on the thread of one who waits for none of it, nor deeper and deeper on one stack
    }

    private async Task WaitAsync()
    {
        _isWaited = true;
        await Task.Delay(Longest, clock).ConfigureAwait(false);
        lock (_lock)
            _isWaited = false;
        Begin(mayWait: false);
    }

    private async Task ServeAsync(List<Request> group)
    {
        try
        {
            await commit(group.ConvertAll(static one => one.Item), (item, failure) => group.Find(one => one.Item.Equals(item))!.TrySetException(failure)).ConfigureAwait(false);
            foreach (Request one in group)
                one.TrySetResult();
        }
        catch (Exception e)
        {
            // Nobody may be left waiting, whatever it was.
            foreach (Request one in group)
                one.TrySetException(e);
        }
        lock (_lock)
            _isRunning = false;
        Begin(mayWait: true);
    }

    private sealed class Request(T item) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public T Item => item;
    }

    private sealed class Announcement(GroupCommit<T> group, int count) : IDisposable
    {
        private GroupCommit<T>? _group = group;

        public void Dispose() => Interlocked.Exchange(ref _group, null)?.Leave(count);
    }
}
