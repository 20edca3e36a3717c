using System.Runtime.CompilerServices;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Torture;

/// <summary>A store that is full, fails now and then, or is slow, on order. Its clock can be put forward.</summary>
internal sealed class FaultyStore(ISecondaryStore inner, Random random) : ISecondaryStore
{
    private const double ErrorRate = 0.2;

    /// <summary>How it is now.</summary>
    public volatile StoreCondition Condition;

    /// <summary>Added to what its clock says, so that a grace time is over at once.</summary>
    public TimeSpan Ahead { get; set; }

    public Uri Location => inner.Location;

    public Guid Id => inner.Id;

    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default)
    {
        await HinderAsync("create", cancellationToken);
        if (Condition == StoreCondition.Full && Chance(0.5))
            throw Full();
        return new Writer(await inner.CreateAsync(key, expectedLength, cancellationToken), this);
    }

    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await HinderAsync("open", cancellationToken);
        return await inner.OpenAsync(key, cancellationToken) is { } reader ? new Reader(reader, this) : null;
    }

    public async ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await HinderAsync("look at", cancellationToken);
        return await inner.GetInfoAsync(key, cancellationToken);
    }

    public async ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        await HinderAsync("delete", cancellationToken);
        return await inner.DeleteAsync(key, cancellationToken);
    }

    public async ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default)
    {
        await HinderAsync("copy", cancellationToken);
        await inner.CopyAsync(from, to, cancellationToken);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await HinderAsync("list", cancellationToken);
        await foreach (StoredObject found in inner.ListAsync(shardId, cancellationToken))
            yield return found;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await HinderAsync("flush", cancellationToken);
        await inner.FlushAsync(cancellationToken);
    }

    public async ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default)
    {
        await HinderAsync("ask the time of", cancellationToken);
        return await inner.GetTimeAsync(cancellationToken) + Ahead;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask HinderAsync(string what, CancellationToken cancellationToken)
    {
        if (Condition == StoreCondition.Slow)
            await Task.Delay(Number(20, 600), cancellationToken);
        if (Condition == StoreCondition.Errors && Chance(ErrorRate))
            throw new StoreUnavailableException(Location.LocalPath, $"the torture did not let it {what}", "Try again later");
    }

    private NoSpaceException Full() => new(Location.LocalPath, "the torture says that the store is full", "Try again later");

    private bool Chance(double share)
    {
        lock (random)
            return random.NextDouble() < share;
    }

    private int Number(int from, int to)
    {
        lock (random)
            return random.Next(from, to);
    }

    private sealed class Reader(IObjectReader reader, FaultyStore store) : IObjectReader
    {
        public long Length => reader.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
        {
            await store.HinderAsync("read an object of", cancellationToken);
            return await reader.ReadAsync(buffer, offset, cancellationToken);
        }

        public ValueTask DisposeAsync() => reader.DisposeAsync();
    }

    private sealed class Writer(IObjectWriter writer, FaultyStore store) : IObjectWriter
    {
        public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await store.HinderAsync("write", cancellationToken);
            if (store.Condition == StoreCondition.Full && store.Chance(0.5))
            {
                // Some of it goes in before the space is out.
                await writer.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
                throw store.Full();
            }
            await writer.WriteAsync(buffer, cancellationToken);
        }

        public async ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default)
        {
            await store.HinderAsync("commit to", cancellationToken);
            await writer.CommitAsync(durability, cancellationToken);
            // It is done, and nobody learns of it.
            await store.HinderAsync("tell of a commit to", cancellationToken);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
