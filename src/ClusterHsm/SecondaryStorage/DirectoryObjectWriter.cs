using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Writes an object of a directory store: a temporary file that gets its name when it is committed. Not thread-safe.</summary>
/// <remarks>
/// <para>Immediate: the data is durable before the object has its name, and the name before the commit returns; so no crash shows a
/// torn object.</para>
/// <para>Deferred: nothing is flushed, so after a crash before the barrier the name may be there with part of the data, or none.
/// That does no harm, because nobody writes a record of an object before the barrier: a torn object is an orphan, and is swept.</para>
/// </remarks>
internal sealed class DirectoryObjectWriter : IObjectWriter
{
    private readonly DirectoryStore _store;
    private readonly ObjectKey _key;
    private readonly SafeFileHandle _file;
    private readonly string _temporary;
    private long _length;
    private State _state;

    private enum State
    {
        Open,
        Failed,
        Committed,
        Disposed,
    }

    private DirectoryObjectWriter(DirectoryStore store, ObjectKey key, SafeFileHandle file, string temporary)
    {
        (_store, _key, _file, _temporary) = (store, key, file, temporary);
    }

    public static DirectoryObjectWriter Create(DirectoryStore store, ObjectKey key)
    {
        string temporary = store.Layout.NewTemporaryFile(DirectoryStoreLayout.UploadKind);
        return new DirectoryObjectWriter(store, key, store.CreateTemporary(temporary), temporary);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        // What a write that is cut off has written is not known: the object can no longer be committed.
        _state = State.Failed;
        try
        {
            await _store.Disk.WriteAsync(_file, buffer, _length, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(_store.Layout.Root, $"write object {_key}", exception);
        }
        _length += buffer.Length;
        _state = State.Open;
    }

    public async ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        if (!Enum.IsDefined(durability))
            throw new ArgumentOutOfRangeException(nameof(durability), durability, "A commit is immediate or deferred.");
        _state = State.Failed;
        await Task.Run(() => Commit(durability), cancellationToken).ConfigureAwait(false);
        _state = State.Committed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_state == State.Disposed)
            return;
        bool committed = _state == State.Committed;
        _state = State.Disposed;
        await Task.Run(() =>
        {
            _file.Dispose();
            if (!committed)
                _store.TryDelete(_temporary);
        }).ConfigureAwait(false);
    }

    private void Commit(CommitDurability durability)
    {
        try
        {
            bool deferred = durability == CommitDurability.Deferred && _store.Deferred.CanDefer();
            if (!deferred)
                _store.Disk.FlushFile(_file, _temporary);
            _store.Publish(_temporary, _key, durable: !deferred);
            if (deferred)
                _store.Deferred.Add();
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(_store.Layout.Root, $"commit object {_key}", exception);
        }
    }

    private void RequireOpen()
    {
        ObjectDisposedException.ThrowIf(_state == State.Disposed, this);
        if (_state != State.Open)
        {
            throw new InvalidOperationException(_state == State.Committed
                ? $"Object {_key} is committed and cannot be changed."
                : $"Writing object {_key} has failed; dispose the writer and begin a new object.");
        }
    }
}
