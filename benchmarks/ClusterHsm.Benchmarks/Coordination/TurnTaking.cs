using ClusterHsm.Testing;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>Threads of which one runs at a time, in a time that goes on only while all of them sleep.</summary>
internal sealed class TurnTaking(InMemoryCluster cluster) : IDisposable
{
    private readonly PriorityQueue<SemaphoreSlim, (long Due, long Order)> _sleeping = new();
    private readonly SemaphoreSlim _idle = new(0);
    private readonly List<Thread> _threads = [];
    private long _now;
    private long _order;

    public bool IsOver { get; private set; }

    /// <summary>A thread that is given its turn by a sleeper of its own.</summary>
    public void Add(Action<Action<TimeSpan>> body)
    {
        SemaphoreSlim turn = new(0);
        void Sleep(TimeSpan span)
        {
            if (IsOver)
                return;
            _sleeping.Enqueue(turn, (_now + Math.Max(1, span.Ticks), _order++));
            _idle.Release();
            turn.Wait();
        }
        Thread thread = new(() =>
        {
            turn.Wait();
            body(Sleep);
            _idle.Release();
        }) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
        _sleeping.Enqueue(turn, (_now, _order++));
    }

    /// <summary>Gives turns until a condition holds.</summary>
    public void RunUntil(Func<bool> isDone)
    {
        while (!isDone() && _sleeping.TryDequeue(out SemaphoreSlim? turn, out (long Due, long Order) at))
        {
            cluster.Advance(TimeSpan.FromTicks(at.Due - _now));
            _now = at.Due;
            turn.Release();
            _idle.Wait();
        }
    }

    /// <summary>Lets all threads run to their ends: nobody sleeps any more.</summary>
    public void Dispose()
    {
        IsOver = true;
        while (_sleeping.TryDequeue(out SemaphoreSlim? turn, out _))
        {
            turn.Release();
            _idle.Wait();
        }
        _threads.ForEach(thread => thread.Join());
    }
}
