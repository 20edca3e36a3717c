using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>
/// One stub on its way back, under its exclusive lock and in the protocol's order: marked, filled, its times put back, recorded, each
/// durable before the next.
/// </summary>
/// <param name="context">The shard and its store.</param>
/// <param name="file">The stub, open for writing.</param>
/// <param name="info">What it is, read under the lock.</param>
/// <param name="fileLock">Its lock, held.</param>
/// <param name="record">Its record, read under the lock.</param>
/// <param name="isForWriting">Whether one of those who want it comes to write it, so that its times need not be kept.</param>
internal sealed class RecallJob(
    MigrationContext context, IShardFile file, ShardFileInfo info, FileLock fileLock, StubRecord record, Func<bool> isForWriting)
{
    private readonly string _display = context.Display(file.Path);
    private readonly ShardFileInfo _info = info;

    /// <summary>A file of less than a buffer lets others be transferred while it waits to be durable: so a barrier does for many.</summary>
    private bool IsSmall => record.Size < FileFill.BufferSize;

    private bool StartsOver => record.State == FileState.Recalling;

    /// <summary>Whoever was cut off may have left the time of its last write or of its punch; the record has the file's own.</summary>
    private ShardTimestamp Modified => StartsOver || FileRecord.IsHalfReleased(record) ? record.Modified : _info.Modified;

    /// <summary>Does all of it.</summary>
    /// <param name="slot">Its place among the transfers, which it takes and gives up.</param>
    /// <param name="told">Told of each piece; may be null.</param>
    /// <param name="cancellationToken">Ends it; the file is the stub that it was then.</param>
    /// <returns>Bytes transferred.</returns>
    public async Task<long> RunAsync(TransferSlot slot, Action<int>? told, CancellationToken cancellationToken)
    {
        if (_info.Size != record.Size)
            throw new ForeignDataException(_display, $"it is a stub of {record.Size} bytes, but its size is {_info.Size}: a program changed it behind the library's back",
                "Nothing was changed. Keep a copy of what it holds now, set its size back, and recall it again");
        using IDisposable? comes = IsSmall ? context.Flushes.Announce() : null;
        await slot.TakeAsync(cancellationToken).ConfigureAwait(false);
        IObjectReader reader = await ObjectOpening.OpenAsync(context, record, _display, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (!StartsOver)
                await ForeignData.RefuseAsync(file, reader, _display, cancellationToken).ConfigureAwait(false);
            // Before anything is changed: whoever may not put the times back must not touch them, unless to write is what he came for.
            bool keepsTimes = MayKeepTimes();
            // No two recalls of a file write the same mark: ctime has moved between them.
            StubRecord mark = record with { State = FileState.Recalling, Modified = Modified, Changed = _info.Changed };
            RequireLock(record);
            FileRecord.Write(file, mark, context.Seal);
            try
            {
                await MakeDurableAsync(slot).ConfigureAwait(false);
                await slot.TakeAsync(cancellationToken).ConfigureAwait(false);
                await FillAsync(reader, mark, keepsTimes, told, cancellationToken).ConfigureAwait(false);
                RequireLock(mark);
                file.MarkOffline(false);
                PutTimesBack(keepsTimes);
                // Data and times are durable first, so that the record is never true of what is not there yet.
                await MakeDurableAsync(slot).ConfigureAwait(false);
                RequireLock(mark);
                ShardFileInfo filled = file.GetInfo();
                FileRecord.Write(file, record with
                {
                    State = FileState.Archived,
                    Modified = keepsTimes ? Modified : filled.Modified,
                    Changed = filled.Changed,
                }, context.Seal);
                await MakeDurableAsync(slot).ConfigureAwait(false);
                return record.Size;
            }
            catch
            {
                if (IsStillMine(mark))
                    PutBack(keepsTimes);
                throw;
            }
        }
    }

    private async Task FillAsync(IObjectReader reader, StubRecord mark, bool keepsTimes, Action<int>? told, CancellationToken cancellationToken)
    {
        if (StartsOver)
        {
            RequireLock(mark);
            file.PunchHole(0, _info.Size);
            PutTimesBack(keepsTimes);
        }
        ContentDigest digest = await FileFill.FillAsync(
            file, reader, () => RequireLock(mark), () => PutTimesBack(keepsTimes), told, cancellationToken).ConfigureAwait(false);
        if (digest != record.Digest)
            throw new DigestMismatchException(_display, $"object {record.Key} has digest {digest}, but {record.Digest} was archived",
                "The stub is as it was. Restore the object in the store from a backup; 'clusterhsm verify --deep' finds others");
    }

    private Task MakeDurableAsync(TransferSlot slot)
    {
        if (IsSmall)
            slot.GiveUp();
        return context.Flushes.FlushAsync(file);
    }

    private bool MayKeepTimes()
    {
        try
        {
            PutTimesBack(keepsTimes: true);
            return true;
        }
        catch (ShardIOException e) when (e.Error == ShardError.AccessDenied)
        {
            return isForWriting() ? false : throw RecallPermission.Missing(_display, e);
        }
    }

    private void PutTimesBack(bool keepsTimes)
    {
        if (keepsTimes)
            file.SetTimes(_info.Accessed, Modified);
    }

    /// <summary>Makes it the stub that it was. If that fails too, it stays in the state recalling, from which a recall starts over.</summary>
    private void PutBack(bool keepsTimes)
    {
        try
        {
            file.PunchHole(0, _info.Size);
            file.MarkOffline(true);
            // Before the record: until that says "released", whoever looks takes the time from it and not from the file.
            PutTimesBack(keepsTimes);
            file.Flush();
            FileRecord.Write(file, record with { State = FileState.Released }, context.Seal);
            file.Flush();
        }
        catch (ShardIOException)
        {
        }
    }

    private bool IsStillMine(StubRecord expected)
    {
        try
        {
            RequireLock(expected);
            return true;
        }
        catch (Exception e) when (e is HsmException or ShardIOException)
        {
            return false;
        }
    }

    /// <summary>R11: a lock that may be lost writes nothing, and one that was lost for a while only if nobody took the file on meanwhile.</summary>
    private void RequireLock(StubRecord expected)
    {
        // The look itself can outlast the lease: trusted at the end is what counts.
        while (!fileLock.IsTrusted && Rules.R11)
        {
            if (!fileLock.TryAcquire(LockKind.Exclusive).IsGranted || FileRecord.Read(file, _display, context.Seal) != expected)
                throw new FileBusyException(_display, "its lock was lost while it was recalled, and another node may own it now",
                    "Try again; a recall that was cut off starts over");
        }
    }
}
