using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm;

// How it is opened: relaxed with what the cache knows, strict otherwise, and empty if that is wanted.
public sealed partial class HsmFile
{
    internal static ValueTask<HsmFile> OpenAsync(
        VolumeContext context, string path, HsmOpenOptions options, CancellationToken cancellationToken)
    {
        context.OwnFiles.RefusePath(path);
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
        if (options.SequentialScan)
            file.AdviseSequential();
        file.RefuseIfClosing();
        return file.TryOpenRelaxed(epoch) ? new ValueTask<HsmFile>(file) : file.OpenStrictAsync(cancellationToken);
    }

    private static async ValueTask<HsmFile> OpenWhenAdmittedAsync(
        VolumeContext context, string path, ShardOpenOptions how, HsmOpenOptions options, CancellationToken cancellationToken)
    {
        IShardFile opened = await AdmittedOpening.OpenAsync(context.Migration, () => context.Shard.Open(path, how), cancellationToken)
            .ConfigureAwait(false);
        HsmFile file = new(context, opened, options);
        if (options.SequentialScan)
            file.AdviseSequential();
        file.RefuseIfClosing();
        return await file.OpenStrictAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asked once it is counted: a close of the volume that has not counted it is seen here.</summary>
    private void RefuseIfClosing()
    {
        if (!_context.IsClosing)
            return;
        Dispose();
        throw new ObjectDisposedException(typeof(HsmVolume).FullName);
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
            _context.OwnFiles.Refuse(_file);
            bool isStub = FileRecord.Look(_file, Display, _context.Migration.Seal).IsStub;
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
            _context.OwnFiles.Refuse(_file);
            if (_options.Truncates)
                await TruncateAsync(cancellationToken).ConfigureAwait(false);
            if (_options.StubAccess != StubAccess.StubOnly // its mark is looked at when its data is asked for
                && await EstablishAsync(cancellationToken).ConfigureAwait(false) is { } through)
            {
                await through.LetGoAsync().ConfigureAwait(false); // kept open for the reads to come
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
    /// <remarks>
    /// Each step can outlast the lease, and the file can have become a stub by then: all again, until none has (R11).
    /// </remarks>
    private async ValueTask TruncateAsync(CancellationToken cancellationToken)
    {
        LockKind kind = LockKind.Shared;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await LockAsync(kind, cancellationToken).ConfigureAwait(false);
            StubLook look = FileRecord.Look(_file, Display, _context.Migration.Seal);
            if (look.IsStub && kind == LockKind.Shared)
            {
                _lock!.Release();
                kind = LockKind.Exclusive;
                continue;
            }
            if (!_lock!.IsTrusted)
                continue;
            if (FileRecord.IsStubState(look.Record?.State))
                _context.Migration.Seal.RequireKey();
            _file.SetLength(0);
            if (TryForgetStub(look.Record) && _lock.IsTrusted)
                return;
        }
        throw TooSlow();
    }
}
