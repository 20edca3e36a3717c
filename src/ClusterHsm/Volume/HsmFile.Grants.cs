using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm;

// What allows an access: an epoch, or the file's lock and a look at its mark.
public sealed partial class HsmFile
{
    private const long NotRelaxed = -1;

    // Made when they are first needed: a relaxed open and read needs neither.
    private FileLock? _lock;
    private SemaphoreSlim? _transition;
    private long _relaxedEpoch = NotRelaxed;

    // The number of the grant by the file's lock: that the lock is held, and that a look under it has said that the data is here. 0 while
    // there is none, so also between the lock and the look. A read that began under another one does not count.
    private long _grant;
    private long _grants;
    private long _lookedAtReleases = -1;

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
        else if (Volatile.Read(ref _grant) is > 0 and var grant && _lock!.IsTrusted && CanRead)
        {
            read = _file.Read(buffer, offset);
            if (_lock.IsTrusted && Volatile.Read(ref _grant) == grant)
                return true; // R11
        }
        read = 0;
        return false;
    }

    /// <summary>
    /// Gets a grant under which the data can be read here: the lock with a look under it, then relaxed if that is allowed. A stub is
    /// recalled, refused, or read through, as the caller wanted.
    /// </summary>
    /// <returns>The object to read through, which the caller lets go of, or null when the data is here.</returns>
    private async ValueTask<ObjectInUse?> EstablishAsync(CancellationToken cancellationToken)
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
                StubLook look = FileRecord.Look(_file, Display, _context.Migration.Seal);
                if (look.ReleaseCount != _lookedAtReleases)
                    Volatile.Write(ref _grant, 0);
                _lookedAtReleases = look.ReleaseCount;
                if (!look.IsStub)
                {
                    await LetGoOfObjectAsync().ConfigureAwait(false);
                    if (CanWrite && !TryForgetStub(look.Record))
                        continue;
                    if (_grant == 0)
                        Volatile.Write(ref _grant, ++_grants);
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

    /// <summary>
    /// A stub that was truncated is empty and no stub, but what is written to it would be taken for one's. So its record says first
    /// that it is regular.
    /// </summary>
    /// <returns>False if the lock was not to be trusted, so that all has to be looked at again (R11).</returns>
    private bool TryForgetStub(StubRecord? record)
    {
        if (record is null || !FileRecord.IsStubState(record.State))
            return true;
        _file.Flush();
        if (!_lock!.IsTrusted)
            return false;
        FileRecord.Write(_file, record with { State = FileState.Regular }, _context.Migration.Seal);
        return _lock.IsTrusted;
    }

    private void EstablishForWriting()
    {
        if (!IsGranted)
            EstablishForWritingAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private ValueTask EstablishForWritingAsync(CancellationToken cancellationToken) =>
        IsGranted ? ValueTask.CompletedTask : RenewForWritingAsync(cancellationToken);

    /// <summary>Whether the lock is held, may be trusted, and a look under it has said that the data is here.</summary>
    private bool IsGranted => Volatile.Read(ref _grant) > 0 && _lock!.IsTrusted;

    private async ValueTask RenewForWritingAsync(CancellationToken cancellationToken)
    {
        if (!CanWrite)
            throw new HsmAccessDeniedException(Display, "it was opened for reading", "Open it with write access");
        // The look itself can outlast the lease: a write needs a lock that is trusted when it begins (R11).
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await EstablishAsync(cancellationToken).ConfigureAwait(false);
            if (IsGranted || !Rules.R7)
                return;
        }
        throw TooSlow();
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
        // Other threads use this file: to them the lock is nothing yet.
        Volatile.Write(ref _grant, 0);
        long askedAt = _context.Shard.Clock.GetTimestamp();
        try
        {
            await _context.Migration.LockAsync(fileLock, kind, Display, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _context.Telemetry.WaitedForLock(_context.Shard.Clock.GetElapsedTime(askedAt));
        }
    }

    private void Unlock()
    {
        Volatile.Write(ref _grant, 0);
        _lock?.Release();
    }

    private FileBusyException TooSlow() =>
        new(Display, $"{MaxAttempts} times a lease had passed before its lock and its mark were looked at",
            "See to the file system: it answers too slowly for the shard's lease");
}
