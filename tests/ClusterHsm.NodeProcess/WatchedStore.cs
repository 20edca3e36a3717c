using System.Collections.Concurrent;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.NodeProcess;

/// <summary>A store that lets a test in, counts what is fetched from it, and can be made slow.</summary>
internal sealed class WatchedStore(ISecondaryStore inner) : ISecondaryStore
{
    private long _opens, _closes;

    /// <summary>Called before each step that changes the store or makes a change durable: what it does, and the object.</summary>
    public Action<string, string>? Changing { get; set; }

    /// <summary>Before a piece of an object is written: the file is being copied.</summary>
    public Func<Task>? Writing { get; set; }

    /// <summary>Before an object is committed: all of the file has been read.</summary>
    public Func<Task>? Committing { get; set; }

    /// <summary>Awaited before each read of an object, with the offset that it begins at.</summary>
    public Func<long, CancellationToken, Task>? BeforeRead { get; set; }

    /// <summary>Objects opened for reading.</summary>
    public long Opens => Interlocked.Read(ref _opens);

    /// <summary>Those that were closed again.</summary>
    public long Closes => Interlocked.Read(ref _closes);

    /// <summary>Every read that brought bytes: offset and count.</summary>
    public ConcurrentQueue<(long Offset, int Count)> Reads { get; } = [];

    public long BytesRead => Reads.Sum(read => (long)read.Count);

    public Uri Location => inner.Location;

    public Guid Id => inner.Id;

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default)
    {
        Changing?.Invoke("create object", key.ToString());
        return new Writer(await inner.CreateAsync(key, expectedLength, cancellationToken), key, this);
    }

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _opens);
        return await inner.OpenAsync(key, cancellationToken) is { } reader ? new Reader(reader, this) : null;
    }

    public ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default) =>
        inner.GetInfoAsync(key, cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Changing?.Invoke("delete object", key.ToString());
        return inner.DeleteAsync(key, cancellationToken);
    }

    public ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default)
    {
        Changing?.Invoke("copy object to", to.ToString());
        return inner.CopyAsync(from, to, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, CancellationToken cancellationToken = default) =>
        inner.ListAsync(shardId, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Changing?.Invoke("flush store", "");
        return inner.FlushAsync(cancellationToken);
    }

    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default) => inner.GetTimeAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Reader(IObjectReader reader, WatchedStore store) : IObjectReader
    {
        public long Length => reader.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
        {
            if (store.BeforeRead is { } hook)
                await hook(offset, cancellationToken);
            int read = await reader.ReadAsync(buffer, offset, cancellationToken);
            if (read > 0)
                store.Reads.Enqueue((offset, read));
            return read;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref store._closes);
            return reader.DisposeAsync();
        }
    }

    private sealed class Writer(IObjectWriter writer, ObjectKey key, WatchedStore store) : IObjectWriter
    {
        public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (store.Writing is { } hook)
                await hook();
            store.Changing?.Invoke("write object", key.ToString());
            await writer.WriteAsync(buffer, cancellationToken);
        }

        public async ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default)
        {
            if (store.Committing is { } hook)
                await hook();
            store.Changing?.Invoke("commit object", key.ToString());
            await writer.CommitAsync(durability, cancellationToken);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
