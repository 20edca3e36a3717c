namespace ClusterHsm.SecondaryStorage;

/// <summary>A place for objects: written once, never changed, read by range.</summary>
/// <remarks>
/// Thread-safe. A store that cannot be reached throws <see cref="StoreUnavailableException"/>, a full one
/// <see cref="NoSpaceException"/>.
/// </remarks>
public interface ISecondaryStore : IAsyncDisposable
{
    /// <summary>Where it is.</summary>
    Uri Location { get; }

    /// <summary>Its own identity, made with it and kept in it.</summary>
    Guid Id { get; }

    /// <summary>Begins an object. It does not exist for others until it is committed.</summary>
    /// <param name="key">A key never used before; never written over.</param>
    /// <param name="expectedLength">How much will come, a hint.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default);

    /// <summary>Opens an object.</summary>
    /// <returns>The reader, or null if there is no such object.</returns>
    ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default);

    /// <summary>Facts about an object, or null if there is none.</summary>
    ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default);

    /// <summary>Removes an object.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default);

    /// <summary>Copies an object inside the store under a key never used before; durable on return.</summary>
    ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default);

    /// <summary>All objects of one shard, in no order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, CancellationToken cancellationToken = default);

    /// <summary>Makes every object durable that was committed with <see cref="CommitDurability.Deferred"/> before the call.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>The store's own present: the clock that <see cref="StoredObject.Created"/> is told by.</summary>
    ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default);
}

/// <summary>An object that is being written. Disposing it before the commit leaves nothing behind.</summary>
public interface IObjectWriter : IAsyncDisposable
{
    /// <summary>Appends. The buffer may be used again when the task has completed. Not thread-safe.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Makes the object exist.</summary>
    ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default);
}

/// <summary>When a commit is durable.</summary>
public enum CommitDurability
{
    /// <summary>When it returns.</summary>
    Immediate = 0,

    /// <summary>After the next <see cref="ISecondaryStore.FlushAsync"/>: one barrier for many objects.</summary>
    Deferred,
}

/// <summary>An object that is being read.</summary>
public interface IObjectReader : IAsyncDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to the buffer's length at <paramref name="offset"/>; fewer only at the end. Thread-safe.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default);
}

/// <summary>An object in a store.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Created">When it was committed, by the store's clock.</param>
public readonly record struct StoredObject(ObjectKey Key, long Length, DateTimeOffset Created);
