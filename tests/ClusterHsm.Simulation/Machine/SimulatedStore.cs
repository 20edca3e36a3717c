using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Simulation;

/// <summary>Secondary storage as a process sees it: every call may take long, and a process that is dead makes none.</summary>
internal sealed class SimulatedStore(SimulatedProcess process, ISecondaryStore inner, Scheduler scheduler, History history) : ISecondaryStore
{
    public Uri Location => inner.Location;

    public Guid Id => inner.Id;

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default)
    {
        Call("store: create");
        return await inner.CreateAsync(key, expectedLength, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Call("store: open");
        return await inner.OpenAsync(key, cancellationToken).ConfigureAwait(false) is { } reader ? new Reader(this, reader) : null;
    }

    public ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Call("store: look");
        return inner.GetInfoAsync(key, cancellationToken);
    }

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Call("store: delete");
        return inner.DeleteAsync(key, cancellationToken);
    }

    public ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default)
    {
        Call("store: copy");
        return inner.CopyAsync(from, to, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, CancellationToken cancellationToken = default) =>
        inner.ListAsync(shardId, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default) => inner.GetTimeAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Call(string what)
    {
        scheduler.Rest(null);
        history.Note(scheduler.Now, Scheduler.Current.Name, what);
        if (process.IsDead)
            throw new StoreUnavailableException("store", "this process is dead", "Start another");
    }

    private sealed class Reader(SimulatedStore store, IObjectReader inner) : IObjectReader
    {
        public long Length => inner.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
        {
            store.Call("store: read");
            return await inner.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
