using System.Runtime.CompilerServices;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Testing;

/// <summary>A secondary storage in memory, with faults on order, counters, and a time that moves by hand.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class InMemoryStore : ISecondaryStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Entry> _objects = [];
    private long _usedBytes;
    private long _reads;
    private long _bytesRead;
    private long _opens;
    private long _commits;
    private long _flushes;
    private long _deletes;
    private long _openWriters;

    /// <summary>Makes an empty store.</summary>
    /// <param name="clock">Its clock; by default one of its own.</param>
    public InMemoryStore(ManualTimeProvider? clock = null)
    {
        Clock = clock ?? new ManualTimeProvider();
        Location = new Uri($"memory:///{Id:N}");
    }

    /// <inheritdoc/>
    public Uri Location { get; }

    /// <inheritdoc/>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The clock that <see cref="StoredObject.Created"/> is told by.</summary>
    public ManualTimeProvider Clock { get; }

    /// <summary>The faults on order.</summary>
    public StoreFaults Faults { get; } = new();

    /// <summary>Whether it can be reached; if not, every call fails with a <see cref="StoreUnavailableException"/>.</summary>
    public bool IsAvailable { get; set; } = true;

    /// <summary>Bytes that all objects together may have, those being written included; more is a <see cref="NoSpaceException"/>.</summary>
    /// <value>Default: no limit.</value>
    public long CapacityInBytes { get; set; } = long.MaxValue;

    /// <summary>Reads so far.</summary>
    public long ReadCount => Interlocked.Read(ref _reads);

    /// <summary>Bytes read so far.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Objects opened so far: transfers begun.</summary>
    public long OpenCount => Interlocked.Read(ref _opens);

    /// <summary>Objects committed so far, copies included.</summary>
    public long CommitCount => Interlocked.Read(ref _commits);

    /// <summary>Flushes so far.</summary>
    public long FlushCount => Interlocked.Read(ref _flushes);

    /// <summary>Objects deleted so far.</summary>
    public long DeleteCount => Interlocked.Read(ref _deletes);

    /// <summary>Writers that are neither disposed nor committed.</summary>
    public long OpenWriterCount => Interlocked.Read(ref _openWriters);

    /// <summary>Bytes that all objects together have, those being written included.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>The keys of all objects, in no order.</summary>
    public IReadOnlyCollection<ObjectKey> Keys
    {
        get { lock (_gate) return [.. _objects.Keys]; }
    }

    /// <summary>The bytes of an object as they are, past all faults and counters.</summary>
    /// <exception cref="KeyNotFoundException">There is no such object.</exception>
    public byte[] GetBytes(ObjectKey key)
    {
        lock (_gate)
            return (byte[])_objects[key].Bytes.Clone();
    }

    /// <summary>Turns one bit of an object over.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="offset">In which byte.</param>
    /// <exception cref="KeyNotFoundException">There is no such object.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The object has no such byte.</exception>
    public void Corrupt(ObjectKey key, long offset = 0)
    {
        lock (_gate)
        {
            byte[] bytes = _objects[key].Bytes;
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, bytes.LongLength);
            // Readers that are open go on with what they have.
            bytes = (byte[])bytes.Clone();
            bytes[offset] ^= 1;
            _objects[key] = _objects[key] with { Bytes = bytes };
        }
    }

    /// <summary>Cuts an object short.</summary>
    /// <exception cref="KeyNotFoundException">There is no such object.</exception>
    public void Truncate(ObjectKey key, long length)
    {
        lock (_gate)
        {
            Entry entry = _objects[key];
            byte[] bytes = entry.Bytes[..checked((int)length)];
            _usedBytes -= entry.Bytes.Length - bytes.Length;
            _objects[key] = entry with { Bytes = bytes };
        }
    }

    /// <summary>Loses an object, as by a fault of the store. <see cref="DeleteCount"/> does not tell.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Lose(ObjectKey key)
    {
        lock (_gate)
            return Forget(key);
    }

    /// <summary>Loses what was committed with <see cref="CommitDurability.Deferred"/> and not flushed since: a power failure.</summary>
    /// <returns>How many objects were lost.</returns>
    public int LoseUnflushed()
    {
        lock (_gate)
        {
            ObjectKey[] lost = [.. _objects.Where(static o => !o.Value.IsDurable).Select(static o => o.Key)];
            foreach (ObjectKey key in lost)
                Forget(key);
            return lost.Length;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.Create, key, cancellationToken).ConfigureAwait(false);
        ThrowIfTaken(key);
        return new Writer(this, key);
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.Open, key, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _opens);
        lock (_gate)
            return _objects.TryGetValue(key, out Entry entry) ? new Reader(this, key, entry.Bytes) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.GetInfo, key, cancellationToken).ConfigureAwait(false);
        lock (_gate)
            return _objects.TryGetValue(key, out Entry entry) ? new StoredObject(key, entry.Bytes.Length, entry.Created) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.Delete, key, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!Forget(key))
                return false;
            Interlocked.Increment(ref _deletes);
            return true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.Copy, from, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_objects.TryGetValue(from, out Entry entry))
            {
                throw new ObjectMissingException($"object {from}", "the store has no such object",
                    "Look for it in a copy of the store");
            }
            ThrowIfTaken(to);
            Reserve(to, entry.Bytes.Length);
            Insert(to, entry.Bytes, CommitDurability.Immediate);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        StoredObject[] objects;
        lock (_gate)
        {
            objects = [.. _objects.Where(o => o.Key.ShardId == shardId)
                .Select(static o => new StoredObject(o.Key, o.Value.Bytes.Length, o.Value.Created))];
        }
        foreach (StoredObject stored in objects)
        {
            await BeginAsync(StoreOperation.List, stored.Key, cancellationToken).ConfigureAwait(false);
            yield return stored;
        }
        await BeginAsync(StoreOperation.List, null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ObjectKey[] before = [.. Keys];
        await BeginAsync(StoreOperation.Flush, null, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _flushes);
        lock (_gate)
        {
            foreach (ObjectKey key in before)
                if (_objects.TryGetValue(key, out Entry entry))
                    _objects[key] = entry with { IsDurable = true };
        }
    }

    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default)
    {
        await BeginAsync(StoreOperation.GetTime, null, cancellationToken).ConfigureAwait(false);
        return Clock.GetUtcNow();
    }

    /// <summary>Does nothing: the objects stay, as they would on a disk, and the store can be used again.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static StoreUnavailableException UnavailableError(ObjectKey? key) =>
        new(Describe(key), "the store cannot be reached", "Wait until it is back, and try again");

    internal static NoSpaceException FullError(ObjectKey? key) =>
        new(Describe(key), "the store is full", "Make room in it, and try again");

    private static string Describe(ObjectKey? key) => key is { } k ? $"object {k}" : "memory store";

    private async ValueTask BeginAsync(StoreOperation operation, ObjectKey? key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Faults.StrikeAsync(operation, key, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsAvailable)
            throw UnavailableError(key);
    }

    private void ThrowIfTaken(ObjectKey key)
    {
        lock (_gate)
        {
            if (_objects.ContainsKey(key))
            {
                throw new HsmAlreadyExistsException($"object {key}", "the store has an object of this key",
                    "Use a key never used before");
            }
        }
    }

    private void Reserve(ObjectKey key, long bytes)
    {
        lock (_gate)
        {
            if (_usedBytes + bytes > CapacityInBytes)
                throw FullError(key);
            _usedBytes += bytes;
        }
    }

    private void Insert(ObjectKey key, byte[] bytes, CommitDurability durability)
    {
        _objects.Add(key, new Entry(bytes, Clock.GetUtcNow(), durability == CommitDurability.Immediate));
        Interlocked.Increment(ref _commits);
    }

    private bool Forget(ObjectKey key)
    {
        if (!_objects.Remove(key, out Entry entry))
            return false;
        _usedBytes -= entry.Bytes.Length;
        return true;
    }

    private readonly record struct Entry(byte[] Bytes, DateTimeOffset Created, bool IsDurable);
}
