namespace ClusterHsm.Coordination;

/// <summary>Runs actions one after the other, in the order they were added, on the thread pool: never on the thread that adds them.</summary>
internal sealed class OrderedEvents
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _waiting = new();
    private bool _running;

    /// <summary>Adds one. It must not throw.</summary>
    public void Add(Action action)
    {
        lock (_gate)
        {
            _waiting.Enqueue(action);
            if (_running)
                return;
            _running = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static events => events.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        while (true)
        {
            Action? action;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out action))
                {
                    _running = false;
                    return;
                }
            }
            action();
        }
    }
}
