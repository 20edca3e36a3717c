namespace ClusterHsm.Coordination;

/// <summary>What the volumes of one node count, read when the node writes of itself, so that counting costs what it did before.</summary>
/// <remarks>Thread-safe. What a closed volume has counted stays, so that no count falls.</remarks>
internal sealed class NodeWork
{
    private readonly Lock _gate = new();
    private readonly List<Func<NodeCounters>> _volumes = [];
    private NodeCounters _closed;

    public void Add(Func<NodeCounters> volume)
    {
        lock (_gate)
            _volumes.Add(volume);
    }

    /// <summary>Does nothing the second time.</summary>
    public void Remove(Func<NodeCounters> volume)
    {
        lock (_gate)
        {
            if (_volumes.Remove(volume))
                _closed = _closed.Plus(volume().Closed());
        }
    }

    public NodeCounters Read()
    {
        lock (_gate)
            return _volumes.Aggregate(_closed, static (sum, volume) => sum.Plus(volume()));
    }
}
