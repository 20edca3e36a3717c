using System.Buffers;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm;

// What a stub does for its reader: it is recalled, refused, or its object is read.
public sealed partial class HsmFile
{
    // Kept open from one read to the next. Changed inside the transition, and when the file is closed.
    private ObjectInUse? _object;

    /// <summary>How far ahead the kernel reads is a matter of this descriptor alone.</summary>
    internal void AdviseSequential() => _file.Advise(FileAdvice.Sequential);

    private async ValueTask<ObjectInUse?> UseStubAsync(StubRecord record, CancellationToken cancellationToken)
    {
        if (_options.StubAccess is StubAccess.Fail or StubAccess.StubOnly)
            throw new StubFileException(Display, "it is a stub: its data is in secondary storage only",
                $"Open it with {nameof(StubAccess)}.{nameof(StubAccess.Recall)} or {nameof(StubAccess.ReadThrough)}, or recall it first");
        if (_object is { } open && open.TryUse(record))
            return open;
        await LetGoOfObjectAsync().ConfigureAwait(false);
        if (_options.StubAccess == StubAccess.ReadThrough)
            return await OpenObjectAsync(record, cancellationToken).ConfigureAwait(false);
        try
        {
            long bytes = await _context.Recaller.RecallAsync(_file, cancellationToken).ConfigureAwait(false);
            _context.CountRecall(bytes);
            return null;
        }
        catch (HsmException e) when (!CanWrite && _context.Options.ReadThroughWithoutWritePermission
            && e is HsmAccessDeniedException or ReadOnlyShardException)
        {
            return await OpenObjectAsync(record, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ObjectInUse> OpenObjectAsync(StubRecord record, CancellationToken cancellationToken)
    {
        ObjectInUse opened = new(await ObjectOpening.OpenAsync(_context.Migration, record, Display, cancellationToken).ConfigureAwait(false), record);
        opened.TryUse(record);
        _object = opened;
        return opened;
    }

    private ValueTask LetGoOfObjectAsync() =>
        Interlocked.Exchange(ref _object, null) is { } open ? open.LetGoAsync() : ValueTask.CompletedTask;

    private int ReadThrough(ObjectInUse through, Span<byte> buffer, long offset)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            int read = ReadThroughAsync(through, copy.AsMemory(0, buffer.Length), offset, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            copy.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private async ValueTask<int> ReadThroughAsync(ObjectInUse through, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        _context.CountReadThrough();
        try
        {
            return await through.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await through.LetGoAsync().ConfigureAwait(false);
        }
    }
}
