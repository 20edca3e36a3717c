namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>A time that jumps from one event to the next. A party is an iterator that yields how long it waits until it goes on, in ticks of 100 ns.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<IEnumerator<long>, (long Due, long Order)> _waiting = new();
    private long _order;

    /// <summary>Ticks since the beginning.</summary>
    public long Now { get; private set; }

    /// <summary>Lets a party begin now.</summary>
    public void Add(IEnumerable<long> party) => Step(party.GetEnumerator());

    /// <summary>Goes from event to event until a condition holds.</summary>
    public void RunUntil(Func<bool> isOver)
    {
        while (!isOver() && _waiting.TryDequeue(out IEnumerator<long>? party, out (long Due, long Order) at))
        {
            Now = at.Due;
            Step(party);
        }
    }

    private void Step(IEnumerator<long> party)
    {
        if (party.MoveNext())
            _waiting.Enqueue(party, (Now + party.Current, _order++));
    }
}
