using ClusterHsm.Coordination;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm;

/// <summary>The shard's store, opened when it is first needed. An attempt that failed is not the last: the store may be mounted later.</summary>
/// <remarks>Thread-safe, except that disposing comes last.</remarks>
internal sealed class StoreOnDemand(ShardDescriptor descriptor) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private ISecondaryStore? _store;

    /// <exception cref="StoreUnavailableException">It is not there, or another one is.</exception>
    public ISecondaryStore Get()
    {
        lock (_gate)
            return _store ??= Open();
    }

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;

    private ISecondaryStore Open()
    {
        ISecondaryStore store = SecondaryStores.Open(descriptor.StoreLocation);
        return store.Id == descriptor.StoreId ? store
            : throw new StoreUnavailableException(descriptor.StoreLocation.ToString(),
                $"the store there is {store.Id:N}, the shard's is {descriptor.StoreId:N}", "Mount the shard's own store in this place");
    }
}
