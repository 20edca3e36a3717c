using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm;

/// <summary>
/// The object that a file is read through, open for all reads of the same stub: it is closed when the file has let go of it and the last
/// read has ended. Which object a stub has is asked of its record before each read, so what is shared is only the way to it.
/// </summary>
/// <remarks>Thread-safe. Begins with one user, the file.</remarks>
internal sealed class ObjectInUse(IObjectReader reader, StubRecord record)
{
    private int _users = 1;
    private volatile bool _hasFailed;

    /// <summary>Takes a use of it, if this is the object that a record points at. One whose reader has failed is opened anew.</summary>
    public bool TryUse(StubRecord wanted)
    {
        if (_hasFailed || wanted.Key != record.Key || wanted.StoreId != record.StoreId || wanted.ShardId != record.ShardId || wanted.Size != record.Size)
            return false;
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int now = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (now == users)
                return true;
            users = now;
        }
        return false;
    }

    /// <inheritdoc cref="IObjectReader.ReadAsync"/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
    }

    /// <summary>Ends a use, the file's own or a read's.</summary>
    public ValueTask LetGoAsync() => Interlocked.Decrement(ref _users) == 0 ? reader.DisposeAsync() : ValueTask.CompletedTask;
}
