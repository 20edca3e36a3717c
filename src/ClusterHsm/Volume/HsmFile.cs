using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
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
    private const long NotRelaxed = -1;

    /// <summary>How often an access starts over before it gives up: each time another node has to have got in between.</summary>
    private const int MaxAttempts = 100;

    private readonly VolumeContext _context;
    private readonly IShardFile _file;
    private readonly HsmOpenOptions _options;

    // Made when they are first needed: a relaxed open and read needs neither.
    private FileLock? _lock;
    private SemaphoreSlim? _transition;
    private long _relaxedEpoch = NotRelaxed;

    // Counts the times that the lock was given back: a read that began under an earlier one does not count.
    private int _lockTerm;
    private long _lookedAtReleases = -1;
    private bool _isDisposed;

    private HsmFile(VolumeContext context, IShardFile file, HsmOpenOptions options) => (_context, _file, _options) = (context, file, options);

    /// <summary>The path that it was opened by, relative to the shard's root.</summary>
    public string Path => _file.Path;

    /// <summary>Which file it is.</summary>
    public FileIdentity Identity => _file.Identity;

    /// <summary>Whether it can be read.</summary>
    public bool CanRead => _options.Access.HasFlag(FileAccess.Read);

    /// <summary>Whether it can be written.</summary>
    public bool CanWrite => _file.CanWrite;

    /// <summary>The size in bytes, asked anew; of a stub the size its data has.</summary>
    public long Length => Guard(static file => file.GetInfo().Size);

    /// <summary>How the next read would be done.</summary>
    public LockMode Mode =>
        Volatile.Read(ref _relaxedEpoch) is >= 0 and long epoch && _context.Monitor!.IsRelaxed(epoch) ? LockMode.Relaxed : LockMode.Strict;

    private string Display => _context.Migration.Display(Path);

    internal static ValueTask<HsmFile> OpenAsync(
        VolumeContext context, string path, HsmOpenOptions options, CancellationToken cancellationToken)
    {
        // R5: the epoch is read before the file is opened, so before any look at its mark.
        long epoch = context.Cache.Epoch;
        ShardOpenOptions how = HowToOpen(options);
        IShardFile opened;
        try
        {
            opened = context.Shard.Open(path, how);
        }
        catch (ShardIOException e) when (e.Error == ShardError.Busy)
        {
            return OpenWhenAdmittedAsync(context, path, how, options, cancellationToken);
        }
        HsmFile file = new(context, opened, options);
        return file.TryOpenRelaxed(epoch) ? new ValueTask<HsmFile>(file) : file.OpenStrictAsync(cancellationToken);
    }

    /// <summary>Reads up to the buffer's length at <paramref name="offset"/>.</summary>
    /// <returns>Bytes read; 0 at and beyond the end; fewer than asked for only at the end.</returns>
    /// <exception cref="HsmException">The bytes cannot be had; the type and the message say why.</exception>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            if (TryReadHere(buffer, offset, out int read))
                return read;
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                IObjectReader? through = EstablishAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (through is not null)
                    return ReadThrough(through, buffer, offset);
                if (TryReadHere(buffer, offset, out read))
                    return read;
            }
            throw NeverStill();
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
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
                IObjectReader? through = await EstablishAsync(cancellationToken).ConfigureAwait(false);
                if (through is not null)
                {
                    await using (through.ConfigureAwait(false))
                    {
                        _context.CountReadThrough();
                        return await through.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            throw NeverStill();
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    /// <summary>Writes all of the buffer at <paramref name="offset"/>, growing the file if need be.</summary>
    /// <remarks>The handle has held the file's lock since it was opened (R7); it is renewed when a lease has passed (R11).</remarks>
    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        try
        {
            if (_lock is not { IsTrusted: true })
                EstablishForWritingAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _file.Write(buffer, offset);
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    /// <inheritdoc cref="Write"/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (_lock is not { IsTrusted: true })
                await EstablishForWritingAsync(cancellationToken).ConfigureAwait(false);
            _file.Write(buffer.Span, offset);
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    /// <summary>Sets the length. Growth is a hole.</summary>
    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        try
        {
            if (_lock is not { IsTrusted: true })
                EstablishForWritingAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _file.SetLength(length);
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    /// <summary>Makes data, size and times durable.</summary>
    public void Flush() => Guard(static file =>
    {
        file.Flush();
        return 0;
    });

    /// <summary>The file as a stream with a position of its own; seekable, its length right on stubs. Closing it does not close the file.</summary>
    public Stream AsStream() => new HsmFileStream(this);

    /// <summary>What is known of the file, without recalling it.</summary>
    public FileStatus GetStatus() => Guard(file => StatusReader.Judge(_context.Shard, file.Path, file.GetInfo()));

    /// <summary>Gives the lock back and closes the file.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Volatile.Write(ref _relaxedEpoch, NotRelaxed);
        _lock?.Release();
        _file.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static async ValueTask<HsmFile> OpenWhenAdmittedAsync(
        VolumeContext context, string path, ShardOpenOptions how, HsmOpenOptions options, CancellationToken cancellationToken)
    {
        IShardFile opened = await AdmittedOpening.OpenAsync(context.Migration, () => context.Shard.Open(path, how), cancellationToken)
            .ConfigureAwait(false);
        return await new HsmFile(context, opened, options).OpenStrictAsync(cancellationToken).ConfigureAwait(false);
    }

    private static ShardOpenOptions HowToOpen(in HsmOpenOptions options)
    {
        ShardOpenOptions how = (ShardOpenOptions)(int)options.Access;
        if (options.Mode is FileMode.Create or FileMode.CreateNew or FileMode.OpenOrCreate)
            how |= ShardOpenOptions.Create;
        if (options.Mode == FileMode.CreateNew)
            how |= ShardOpenOptions.Exclusive;
        // The record is read and a shared lock is taken on a handle that can be read.
        return how | ShardOpenOptions.Read;
    }

    /// <summary>Relaxed: a hit is enough; a miss looks at the mark on this descriptor, which was opened in the present epoch.</summary>
    private bool TryOpenRelaxed(long epoch)
    {
        if (CanWrite || !_context.MayRelax(epoch, Identity))
            return false;
        if (_context.Cache.Contains(Identity.Inode, epoch))
            _context.CountHit();
        else if (!LookRelaxed(epoch))
            return false;
        Volatile.Write(ref _relaxedEpoch, epoch);
        return true;
    }

    /// <returns>Whether it is a regular file, which the cache knows now.</returns>
    private bool LookRelaxed(long epoch)
    {
        _context.CountMiss();
        bool isLookedAt = false;
        try
        {
            bool isStub = FileRecord.Look(_file, Display).IsStub;
            isLookedAt = true;
            if (!isStub)
                _context.Remember(Identity, epoch);
            return !isStub;
        }
        finally
        {
            if (!isLookedAt)
                Dispose();
        }
    }

    private async ValueTask<HsmFile> OpenStrictAsync(CancellationToken cancellationToken)
    {
        bool isOpen = false;
        try
        {
            if (_options.Truncates)
            {
                await TruncateAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (_options.StubAccess != StubAccess.StubOnly // its mark is looked at when its data is asked for
                && await EstablishAsync(cancellationToken).ConfigureAwait(false) is { } through)
            {
                await through.DisposeAsync().ConfigureAwait(false);
            }
            isOpen = true;
            return this;
        }
        finally
        {
            if (!isOpen)
                Dispose();
        }
    }

    /// <summary>
    /// Throws a file's data away without a transfer. An empty file is never a stub, so a crash in between loses nothing more. Only a
    /// stub needs the exclusive lock: readers in strict mode share the file with other writers too.
    /// </summary>
    private async ValueTask TruncateAsync(CancellationToken cancellationToken)
    {
        await LockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
        StubLook look = FileRecord.Look(_file, Display);
        if (look.IsStub)
        {
            _lock!.Release();
            await LockAsync(LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
            look = FileRecord.Look(_file, Display);
        }
        _file.SetLength(0);
        if (look.Record is { } record && FileRecord.IsStubState(record.State))
        {
            _file.Flush();
            FileRecord.Write(_file, record with { State = FileState.Regular });
        }
        await LockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
        _lookedAtReleases = look.ReleaseCount;
    }

    /// <summary>One read of what is on the shard, if a grant covers it from before to after.</summary>
    private bool TryReadHere(Span<byte> buffer, long offset, out int read)
    {
        long epoch = Volatile.Read(ref _relaxedEpoch);
        if (epoch >= 0)
        {
            SignalFileLockMonitor monitor = _context.Monitor!;
            if (monitor.IsRelaxed(epoch))
            {
                read = _file.Read(buffer, offset);
                if (monitor.IsRelaxed(epoch) || !Rules.R6)
                    return true;
            }
        }
        else if (Volatile.Read(ref _lock) is { IsTrusted: true } held)
        {
            int term = Volatile.Read(ref _lockTerm);
            read = _file.Read(buffer, offset);
            if (held.IsTrusted && Volatile.Read(ref _lockTerm) == term)
                return true; // R11
        }
        read = 0;
        return false;
    }

    /// <summary>
    /// Gets a grant under which the data can be read here: the lock with a look under it, then relaxed if that is allowed. A stub is
    /// recalled, refused, or read through, as the caller wanted.
    /// </summary>
    /// <returns>The object to read through, or null when the data is here.</returns>
    private async ValueTask<IObjectReader?> EstablishAsync(CancellationToken cancellationToken)
    {
        SemaphoreSlim transition = Transition;
        await transition.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                long epoch = _context.Cache.Epoch;
                Volatile.Write(ref _relaxedEpoch, NotRelaxed);
                await LockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
                _context.CountStrictLook();
                StubLook look = FileRecord.Look(_file, Display);
                if (look.ReleaseCount != _lookedAtReleases)
                    Volatile.Write(ref _lockTerm, _lockTerm + 1);
                _lookedAtReleases = look.ReleaseCount;
                if (!look.IsStub)
                {
                    RelaxIfAllowed(epoch);
                    return null;
                }
                Unlock();
                if (await UseStubAsync(look.Record!, cancellationToken).ConfigureAwait(false) is { } through)
                    return through;
            }
            throw NeverStill();
        }
        finally
        {
            transition.Release();
        }
    }

    private async ValueTask EstablishForWritingAsync(CancellationToken cancellationToken)
    {
        if (!CanWrite)
            throw new HsmAccessDeniedException(Display, "it was opened for reading", "Open it with write access");
        // The look itself can outlast the lease: a write needs a lock that is trusted when it begins (R11).
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await EstablishAsync(cancellationToken).ConfigureAwait(false);
            if (_lock!.IsTrusted || !Rules.R7)
                return;
        }
        throw new FileBusyException(Display, $"{MaxAttempts} times a lease had passed before its lock and its mark were looked at",
            "See to the file system: it answers too slowly for the shard's lease");
    }

    /// <summary>Remembers a file that was seen to be regular, and gives the lock of a reader back.</summary>
    private void RelaxIfAllowed(long epoch)
    {
        if (!_context.MayRelax(epoch, Identity))
            return;
        _context.Remember(Identity, epoch);
        if ((CanWrite || _isHandedOut) && Rules.R7)
            return;
        Volatile.Write(ref _relaxedEpoch, epoch);
        Unlock();
    }

    private async ValueTask<IObjectReader?> UseStubAsync(StubRecord record, CancellationToken cancellationToken)
    {
        if (_options.StubAccess is StubAccess.Fail or StubAccess.StubOnly)
            throw new StubFileException(Display, "it is a stub: its data is in secondary storage only",
                $"Open it with {nameof(StubAccess)}.{nameof(StubAccess.Recall)} or {nameof(StubAccess.ReadThrough)}, or recall it first");
        if (_options.StubAccess == StubAccess.ReadThrough)
            return await ObjectOpening.OpenAsync(_context.Migration, record, Display, cancellationToken).ConfigureAwait(false);
        try
        {
            long bytes = await _context.Recaller.RecallAsync(_file, cancellationToken).ConfigureAwait(false);
            _context.CountRecall(bytes);
            return null;
        }
        catch (HsmException e) when (!CanWrite && _context.Options.ReadThroughWithoutWritePermission
            && e is HsmAccessDeniedException or ReadOnlyShardException)
        {
            return await ObjectOpening.OpenAsync(_context.Migration, record, Display, cancellationToken).ConfigureAwait(false);
        }
    }

    private SemaphoreSlim Transition =>
        Volatile.Read(ref _transition) ?? Interlocked.CompareExchange(ref _transition, new SemaphoreSlim(1, 1), null) ?? _transition!;

    /// <summary>Called while the file is opened or inside the transition: by one caller at a time.</summary>
    private FileLock NewLock()
    {
        FileLock made = _context.Migration.LockOf(_file);
        Volatile.Write(ref _lock, made);
        return made;
    }

    private async ValueTask LockAsync(LockKind kind, CancellationToken cancellationToken)
    {
        FileLock fileLock = _lock ?? NewLock();
        if (fileLock.Held == kind && fileLock.IsTrusted)
            return;
        LockResult answer = await fileLock.AcquireAsync(kind, _context.Options.LockTimeout, cancellationToken).ConfigureAwait(false);
        if (!answer.IsGranted)
            throw new FileBusyException(Display, $"its lock was not granted within {_context.Options.LockTimeout} ({answer.Status}{(answer.Error == ShardError.None ? "" : $", {answer.Error}")})",
                "Another node migrates, recalls or writes it; try again, or see 'clusterhsm nodes'");
    }

    private void Unlock()
    {
        Volatile.Write(ref _lockTerm, _lockTerm + 1);
        _lock?.Release();
    }

    private int ReadThrough(IObjectReader reader, Span<byte> buffer, long offset)
    {
        _context.CountReadThrough();
        byte[] copy = new byte[buffer.Length];
        try
        {
            int read = reader.ReadAsync(copy, offset).AsTask().GetAwaiter().GetResult();
            copy.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private T Guard<T>(Func<IShardFile, T> action)
    {
        try
        {
            return action(_file);
        }
        catch (ShardIOException e)
        {
            throw e.ToHsmException();
        }
    }

    private FileBusyException NeverStill() =>
        new(Display, $"it was released again {MaxAttempts} times before it could be read", "Pin it, or migrate it less eagerly");
}
