using ClusterHsm.NodeProcess;

namespace ClusterHsm.Tests.Volume;

/// <summary>Holds up all who come until it is told to let them go, and knows how many were there at once.</summary>
internal sealed class Crowd
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _now;
    private int _most;

    /// <summary>Those who are held up at this moment.</summary>
    public int Now => Volatile.Read(ref _now);

    /// <summary>The most that ever were.</summary>
    public int Most => Volatile.Read(ref _most);

    /// <summary>Holds up whoever reads an object.</summary>
    public void HoldReads(WatchedStore store) => store.BeforeRead = (_, cancellationToken) => PassAsync(cancellationToken);

    /// <summary>Holds up whoever writes an object.</summary>
    public void HoldWrites(WatchedStore store) => store.Writing = () => PassAsync(CancellationToken.None);

    public void LetGo() => _open.TrySetResult();

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        int now = Interlocked.Increment(ref _now);
        for (int most = Most; now > most; most = Most)
            Interlocked.CompareExchange(ref _most, now, most);
        try
        {
            await _open.Task.WaitAsync(cancellationToken);
            // What the store does itself takes a moment too: without this nobody would meet anybody once the gate is open.
            await Task.Yield();
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
