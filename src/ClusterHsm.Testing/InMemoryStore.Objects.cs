using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Testing;

// Objects being written and read.
public sealed partial class InMemoryStore
{
    private sealed class Writer : IObjectWriter
    {
        private readonly InMemoryStore _store;
        private readonly ObjectKey _key;
        private readonly MemoryStream _bytes = new();
        private bool _isOver;

        public Writer(InMemoryStore store, ObjectKey key)
        {
            _store = store;
            _key = key;
            Interlocked.Increment(ref store._openWriters);
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            await _store.BeginAsync(StoreOperation.Write, _key, cancellationToken).ConfigureAwait(false);
            _store.Reserve(_key, buffer.Length);
            _bytes.Write(buffer.Span);
        }

        public async ValueTask CommitAsync(CommitDurability durability, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            await _store.BeginAsync(StoreOperation.Commit, _key, cancellationToken).ConfigureAwait(false);
            lock (_store._gate)
            {
                _store.ThrowIfTaken(_key);
                _store.Insert(_key, _bytes.ToArray(), durability);
            }
            End();
        }

        public ValueTask DisposeAsync()
        {
            if (!_isOver)
            {
                lock (_store._gate)
                    _store._usedBytes -= _bytes.Length;
                End();
            }
            return ValueTask.CompletedTask;
        }

        private void End()
        {
            _isOver = true;
            Interlocked.Decrement(ref _store._openWriters);
        }
    }

    private sealed class Reader(InMemoryStore store, ObjectKey key, byte[] bytes) : IObjectReader
    {
        public long Length => bytes.Length;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            await store.BeginAsync(StoreOperation.Read, key, cancellationToken).ConfigureAwait(false);
            int count = (int)Math.Min(buffer.Length, Math.Max(0, bytes.Length - offset));
            if (count > 0)
                bytes.AsMemory((int)offset, count).CopyTo(buffer);
            Interlocked.Increment(ref store._reads);
            Interlocked.Add(ref store._bytesRead, count);
            return count;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
