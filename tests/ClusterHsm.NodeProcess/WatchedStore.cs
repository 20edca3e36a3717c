using System.Collections.Concurrent;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.NodeProcess;

/// <summary>A store that counts what is fetched from it, and can be made slow.</summary>
internal sealed class WatchedStore(ISecondaryStore inner) : ISecondaryStore
{
    private long _opens;

    /// <summary>Awaited before each read of an object, with the offset that it begins at.</summary>
    public Func<long, CancellationToken, Task>? BeforeRead { get; set; }

    /// <summary>Objects opened for reading.</summary>
    public long Opens => Interlocked.Read(ref _opens);

    /// <summary>Every read that brought bytes: offset and count.</summary>
    public ConcurrentQueue<(long Offset, int Count)> Reads { get; } = [];

    public long BytesRead => Reads.Sum(read => (long)read.Count);

    public Uri Location => inner.Location;

    public Guid Id => inner.Id;

    public ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default) =>
        inner.CreateAsync(key, expectedLength, cancellationToken);

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _opens);
        return await inner.OpenAsync(key, cancellationToken) is { } reader ? new Reader(reader, this) : null;
    }

    public ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default) =>
        inner.GetInfoAsync(key, cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default) =>
        inner.CopyAsync(from, to, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, CancellationToken cancellationToken = default) =>
        inner.ListAsync(shardId, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

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

        public ValueTask DisposeAsync() => reader.DisposeAsync();
    }
}
