using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Tests.Volume;

/// <summary>A store that calls back at the moments at which a scenario wants something to happen.</summary>
internal sealed class HookedStore(ISecondaryStore inner) : ISecondaryStore
{
    /// <summary>Before a piece of an object is written: the file is being copied.</summary>
    public Func<Task>? Writing { get; set; }

    /// <summary>Before an object is committed: all of the file has been read.</summary>
    public Func<Task>? Committing { get; set; }

    public Uri Location => inner.Location;

    public Guid Id => inner.Id;

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default) =>
        new Writer(this, await inner.CreateAsync(key, expectedLength, cancellationToken));

    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default) => inner.OpenAsync(key, cancellationToken);

    public ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default) => inner.GetInfoAsync(key, cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default) => inner.CopyAsync(from, to, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, CancellationToken cancellationToken = default) => inner.ListAsync(shardId, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default) => inner.GetTimeAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Writer(HookedStore store, IObjectWriter inner) : IObjectWriter
    {
        public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (store.Writing is { } hook)
                await hook();
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public async ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default)
        {
            if (store.Committing is { } hook)
                await hook();
            await inner.CommitAsync(durability, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
