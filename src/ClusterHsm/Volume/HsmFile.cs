using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm;

/// <summary>An open file of a shard: its bytes, wherever they are.</summary>
/// <remarks>
/// <para>Thread-safe, except that disposing comes last. Positional, like <see cref="RandomAccess"/>; <see cref="AsStream"/> adds a position.</para>
/// <para>A relaxed read is one <c>pread</c> between two looks at the lease and the epoch (R6). Any other answer leads to the strict way:
/// lock, look at the mark, recall if need be, read, and look whether the lock is still to be trusted (R11).</para>
/// </remarks>
public sealed partial class HsmFile : IAsyncDisposable, IDisposable
{
    /// <summary>How often an access starts over before it gives up: each time another node has to have got in between.</summary>
    private const int MaxAttempts = 100;

    private readonly VolumeContext _context;
    private readonly IShardFile _file;
    private readonly HsmOpenOptions _options;
    private bool _isDisposed;

    private HsmFile(VolumeContext context, IShardFile file, HsmOpenOptions options)
    {
        (_context, _file, _options) = (context, file, options);
        context.Accesses.Begin();
    }

    /// <summary>The path that it was opened by, relative to the shard's root.</summary>
    public string Path => _file.Path;

    /// <summary>Which file it is.</summary>
    public FileIdentity Identity => _file.Identity;

    /// <summary>Whether it can be read.</summary>
    public bool CanRead => _options.Access.HasFlag(FileAccess.Read);

    /// <summary>Whether it can be written.</summary>
    public bool CanWrite => _file.CanWrite;

    /// <summary>The size in bytes, asked anew; of a stub the size its data has.</summary>
    /// <exception cref="HsmException">The file system does not say.</exception>
    public long Length => Guard(static file => file.GetInfo().Size);

    /// <summary>How the next read would be done.</summary>
    public LockMode Mode =>
        Volatile.Read(ref _relaxedEpoch) is >= 0 and long epoch && _context.Monitor!.IsRelaxed(epoch) ? LockMode.Relaxed : LockMode.Strict;

    private string Display => _context.Migration.Display(Path);

    /// <summary>Reads up to the buffer's length at <paramref name="offset"/>.</summary>
    /// <returns>Bytes read; 0 at and beyond the end; fewer than asked for only at the end.</returns>
    /// <exception cref="HsmException">The bytes cannot be had; the type and the message say why.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            if (TryReadHere(buffer, offset, out int read))
                return read;
            RequireReadable();
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                ObjectInUse? through = EstablishAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (through is not null)
                    return ReadThrough(through, buffer, offset);
                if (TryReadHere(buffer, offset, out read))
                    return read;
            }
            throw NeverStill();
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <inheritdoc cref="Read"/>
    /// <remarks>Waits for locks, recalls and secondary storage without a thread; the read of the shard itself is done on the caller's.</remarks>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="cancellationToken">Ends a wait for a lock or a recall; the recall goes on if others wait for it.</param>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        try
        {
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryReadHere(buffer.Span, offset, out int read))
                    return read;
                RequireReadable();
                ObjectInUse? through = await EstablishAsync(cancellationToken).ConfigureAwait(false);
                if (through is not null)
                    return await ReadThroughAsync(through, buffer, offset, cancellationToken).ConfigureAwait(false);
            }
            throw NeverStill();
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <summary>Writes all of the buffer at <paramref name="offset"/>, growing the file if need be.</summary>
    /// <remarks>The handle has held the file's lock since it was opened (R7); it is renewed when a lease has passed (R11).</remarks>
    /// <exception cref="HsmException">
    /// Not all of it was written: the file was not opened for writing, the shard is full, or the lock was lost and another node has it.
    /// </exception>
    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        try
        {
            EstablishForWriting();
            _file.Write(buffer, offset);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <inheritdoc cref="Write"/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await EstablishForWritingAsync(cancellationToken).ConfigureAwait(false);
            _file.Write(buffer.Span, offset);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <summary>Sets the length, in bytes. Growth is a hole, which reads as zeros.</summary>
    /// <exception cref="HsmException">As for <see cref="Write"/>; the length is as it was.</exception>
    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        try
        {
            EstablishForWriting();
            _file.SetLength(length);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <summary>Makes data, size and times durable.</summary>
    /// <exception cref="HsmException">They are not: what was written since the last flush may be lost.</exception>
    public void Flush() => Guard(static file =>
    {
        file.Flush();
        return 0;
    });

    /// <summary>The file as a stream with a position of its own; seekable, its length right on stubs. Closing it does not close the file.</summary>
    /// <remarks>
    /// Not thread-safe, as streams are. <see cref="Stream.CopyToAsync(Stream, CancellationToken)"/> of a large file reads a piece while
    /// the one before it is written, and takes two buffers of 256 KiB from the shared pool. Whoever reads it from front to back has the
    /// kernel read farther ahead.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public Stream AsStream()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new HsmFileStream(this);
    }

    /// <summary>What is known of the file, without recalling it.</summary>
    public FileStatus GetStatus() => Guard(file => StatusReader.Judge(_context.Shard, _context.Migration.Seal, file.Path, file.GetInfo()));

    /// <summary>Gives the lock back and closes the file.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Volatile.Write(ref _relaxedEpoch, NotRelaxed);
        _lock?.Release();
        _file.Dispose();
        try
        {
            if (_object is not null)
                LetGoOfObjectAsync().AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            _context.Accesses.End();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await LetGoOfObjectAsync().ConfigureAwait(false);
        }
        finally
        {
            Dispose();
        }
    }

    private void RequireReadable()
    {
        if (!CanRead)
            throw new HsmAccessDeniedException(Display, "it was opened for writing", "Open it with read access");
    }

    private T Guard<T>(Func<IShardFile, T> action)
    {
        try
        {
            return action(_file);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    private FileBusyException NeverStill() =>
        new(Display, $"it was released again {MaxAttempts} times before it could be read", "Pin it, or migrate it less eagerly");
}
