namespace ClusterHsm;

/// <summary>A file of a shard as a stream with a position of its own. Closing it does not close the file.</summary>
internal sealed class HsmFileStream(HsmFile file) : Stream
{
    /// <summary>In bytes. Who has read so much from front to back is going on.</summary>
    private const long SequentialAfter = 1 << 20;

    private long _position;
    private long _readInOrder;
    private bool _isAdvised, _isClosed;

    private HsmFile Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return file;
        }
    }

    public override bool CanRead => !_isClosed && file.CanRead;

    public override bool CanSeek => !_isClosed;

    public override bool CanWrite => !_isClosed && file.CanWrite;

    public override long Length => Open.Length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            MoveTo(value);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        int read = Open.Read(buffer, _position);
        Advance(read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await Open.ReadAsync(buffer, _position, cancellationToken).ConfigureAwait(false);
        Advance(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    /// <remarks>Overlaps reading and writing. A buffer smaller than the library's own is not asked for: <see cref="Stream"/> itself chooses one of 80 KiB.</remarks>
    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        long left = Length - _position;
        bufferSize = Math.Max(bufferSize, OverlappedCopy.BufferSize);
        if (left > bufferSize)
            AdviseOnce();
        return OverlappedCopy.RunAsync(this, left, destination, bufferSize, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Open.Write(buffer, _position);
        _position += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Open.WriteAsync(buffer, _position, cancellationToken).ConfigureAwait(false);
        _position += buffer.Length;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            SeekOrigin.End => Length + offset,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };
        if (target < 0)
            throw new IOException("A position before the beginning of the file was asked for.");
        MoveTo(target);
        return target;
    }

    public override void SetLength(long value) => Open.SetLength(value);

    public override void Flush()
    {
        // Nothing is buffered here; HsmFile.Flush makes data durable.
    }

    protected override void Dispose(bool disposing)
    {
        _isClosed = true;
        base.Dispose(disposing);
    }

    private void MoveTo(long position)
    {
        if (position != _position)
            _readInOrder = 0;
        _position = position;
    }

    private void Advance(int read)
    {
        _position += read;
        _readInOrder += read;
        if (_readInOrder >= SequentialAfter)
            AdviseOnce();
    }

    private void AdviseOnce()
    {
        if (_isAdvised)
            return;
        _isAdvised = true;
        file.AdviseSequential();
    }
}
