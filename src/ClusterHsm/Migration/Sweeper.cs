using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Deletes objects that no record has pointed at for the grace time.</summary>
/// <remarks>
/// Objects are listed before records are read, so that one that is made meanwhile is no candidate. One that was made before and gets its
/// record only after the scan has passed its file has the grace time: its migrator gives up long before that (<see cref="Archiver"/>).
/// </remarks>
internal sealed class Sweeper(MigrationContext context, SweepOptions options)
{
    /// <summary>A byte of the signal file that neither nodes nor migrators lock; it keeps two sweeps apart.</summary>
    private static readonly LockRange SweepByte = new(ShardDescriptor.MaxFileLockOffset - 1, 1);

    public async Task<SweepSummary> RunAsync(CancellationToken cancellationToken)
    {
        context.Seal.RequireKey();
        using IShardFile signal = OpenSignal();
        LockResult locked = signal.TryLock(SweepByte, LockKind.Exclusive);
        if (!locked.IsGranted)
            throw new FileBusyException(context.Display(ControlFolder.SignalPath), $"another sweep seems to be running ({locked.Status})",
                "Wait for it to end, and try again");
        try
        {
            return await SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            signal.Unlock(SweepByte);
        }
    }

    private async Task<SweepSummary> SweepAsync(CancellationToken cancellationToken)
    {
        ISecondaryStore store = context.Store;
        Dictionary<Guid, StoredObject> unused = [];
        await foreach (StoredObject found in store.ListAsync(context.Descriptor.ShardId, cancellationToken).ConfigureAwait(false))
        {
            unused[found.Key.ObjectId] = found;
            options.Scanned?.Report(new SweepProgress(unused.Count, 0));
        }
        SweepSummary summary = new() { Objects = unused.Count };

        long records = 0;
        ShardScan scan = new(context, options.SettleTime);
        await scan.RunAsync(
            record =>
            {
                // A record in this state points nowhere: the file was written anew, and only the count of its releases is kept.
                if (record.State != FileState.Regular)
                    unused.Remove(record.Key.ObjectId);
                options.Scanned?.Report(new SweepProgress(summary.Objects, ++records));
            },
            cancellationToken).ConfigureAwait(false);
        if (scan.Gaps.Count > 0)
            return summary with { Gaps = scan.Gaps };

        if (!options.IsDryRun)
            ShardTime.RemoveLeftBehind(context.Shard);
        DateTimeOffset now = await store.GetTimeAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, DateTimeOffset> known = OrphanMarks.Read(context.Shard);
        Orphan[] orphans = [.. unused.Values.Select(found =>
        {
            DateTimeOffset since = known.GetValueOrDefault(found.Key.ObjectId, now);
            return new Orphan(found, since, now - since >= options.GraceTime);
        })];
        if (!options.IsDryRun && (orphans.Length > 0 || known.Count > 0))
            OrphanMarks.Write(context.Shard, orphans.Select(orphan => KeyValuePair.Create(orphan.Object.Key.ObjectId, orphan.Since)));
        foreach (Orphan orphan in orphans)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (orphan.IsDue && !options.IsDryRun)
                await store.DeleteAsync(orphan.Object.Key, cancellationToken).ConfigureAwait(false);
            options.Progress?.Report(orphan);
        }
        return summary with
        {
            Orphans = orphans.Length,
            OrphanedBytes = orphans.Sum(orphan => orphan.Object.Length),
            Due = orphans.Count(orphan => orphan.IsDue),
            BytesDue = orphans.Sum(orphan => orphan.IsDue ? orphan.Object.Length : 0),
        };
    }

    private IShardFile OpenSignal()
    {
        try
        {
            return context.Shard.Open(ControlFolder.SignalPath, ShardOpenOptions.ReadWrite);
        }
        catch (ShardIOException failure)
        {
            throw ShardErrors.Translate(context.Shard, failure, ControlFolder.SignalPath,
                "write permission on the signal file is what makes a migrator, and only a migrator may sweep");
        }
    }
}
