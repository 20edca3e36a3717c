using System.Collections.Concurrent;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Copies regular files to secondary storage and writes their records. Nodes stay relaxed meanwhile.</summary>
/// <remarks>
/// Small files wait together for the barriers of the store and of the shard, while others are copied. A crash anywhere leaves at most
/// objects that no record points at.
/// </remarks>
/// <param name="context">The shard and its store.</param>
/// <param name="options">How files are archived.</param>
/// <param name="tally">Where outcomes go.</param>
/// <param name="thenReleased">Whether the candidates go on to be released: then that is the outcome of one that was archived before.</param>
internal sealed class Archiver(MigrationContext context, MigrationOptions options, OutcomeTally tally, bool thenReleased)
{
    /// <summary>Files under way, most of which only wait to be durable: 512, or what <c>ulimit -n</c> allows.</summary>
    private static readonly int s_mostUnderWay = DescriptorLimit.Fit(512, descriptorsOfEach: 1);

    /// <summary>In bytes. A larger file is made durable by itself, so that no small one waits for it.</summary>
    private const long LargeFile = 16L << 20;

    private readonly GroupCommit<ArchiveJob> _copied = new(context.Shard.Clock, (_, _) => context.Store.FlushAsync(CancellationToken.None));
    private readonly ShardTime _time = ShardTime.Read(context.Shard);
    private readonly ConcurrentQueue<ReleaseCandidate> _ready = [];
    private readonly ConcurrentQueue<Wanted> _unsettled = [];

    /// <summary>Archives files; the answer holds those that may be released now.</summary>
    public async Task<IReadOnlyList<ReleaseCandidate>> ArchiveAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        await RunAsync(paths.Select(static path => new Wanted(path, null)), cancellationToken).ConfigureAwait(false);
        if (!_unsettled.IsEmpty)
        {
            Wanted[] again = [.. _unsettled];
            await Task.Delay(options.SettleTime, context.Shard.Clock, cancellationToken).ConfigureAwait(false);
            await RunAsync(again, cancellationToken).ConfigureAwait(false);
        }
        return [.. _ready];
    }

    private async Task RunAsync(IEnumerable<Wanted> wanted, CancellationToken cancellationToken)
    {
        using IEnumerator<Wanted> rest = wanted.GetEnumerator();
        List<Wanted> first = [];
        while (first.Count < Durability.LeastForBarrier && rest.MoveNext())
            first.Add(rest.Current);
        // Few files are made durable one by one: a barrier also waits for what others have written.
        bool areMany = first.Count == Durability.LeastForBarrier;
        using SemaphoreSlim transfers = new(options.Jobs);
        ParallelOptions all = new()
        {
            MaxDegreeOfParallelism = areMany ? Math.Max(options.Jobs, s_mostUnderWay) : options.Jobs,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(All(), all, async (one, token) =>
        {
            try
            {
                using TransferSlot slot = new(transfers);
                await ArchiveAsync(one, slot, areMany, token).ConfigureAwait(false);
            }
            catch (Exception e) when (tally.BelongsToOneFile(e))
            {
                tally.Fail(one.Path, e);
            }
        }).ConfigureAwait(false);

        IEnumerable<Wanted> All()
        {
            // The list may be slower than the copying: then few are under way at any moment, and yet more will come.
            using IDisposable? comeCopied = areMany ? _copied.Announce(s_mostUnderWay / 2) : null;
            using IDisposable? comeRecorded = areMany ? context.Flushes.Announce(s_mostUnderWay / 2) : null;
            foreach (Wanted one in first)
                yield return one;
            while (rest.MoveNext())
                yield return rest.Current;
        }
    }

    private async ValueTask ArchiveAsync(Wanted one, TransferSlot slot, bool areMany, CancellationToken cancellationToken)
    {
        using IDisposable? comesCopied = areMany ? _copied.Announce() : null, comesRecorded = areMany ? context.Flushes.Announce() : null;
        await slot.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (await LookAsync(one, cancellationToken).ConfigureAwait(false) is not { } job)
            return;
        await using (job.ConfigureAwait(false))
        {
            // Others are copied while a small file waits to be durable, so that a barrier does for many.
            bool isOneOfMany = areMany && job.Size <= LargeFile;
            if (!isOneOfMany)
            {
                comesCopied?.Dispose();
                comesRecorded?.Dispose();
            }
            await job.CopyAsync(isOneOfMany ? CommitDurability.Deferred : CommitDurability.Immediate, options.ToldOf(one.Path), cancellationToken).ConfigureAwait(false);
            slot.GiveUp();
            if (isOneOfMany)
                await _copied.CommitAsync(job).WaitAsync(cancellationToken).ConfigureAwait(false);
            comesCopied?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            // Cancelled from here on, what has its record is still made durable and told of.
            if (await job.RecordAsync(CancellationToken.None).ConfigureAwait(false) is { } refusal)
            {
                tally.Skip(one.Path, refusal);
                return;
            }
            await context.Flushes.FlushAsync(job.File).ConfigureAwait(false);
            Finish(job);
        }
    }

    private void Finish(ArchiveJob job)
    {
        // Sealed before it is told of: that takes as long as the listener likes, and a write may come meanwhile.
        if (job.Seal(out string? refusal) is { } candidate)
        {
            _ready.Enqueue(candidate);
            tally.Add(new FileOutcome { Path = candidate.Path, Action = FileAction.Archived, Bytes = job.Size });
        }
        else
        {
            tally.Skip(job.File.Path, refusal!);
        }
    }

    /// <summary>Opens and looks.</summary>
    /// <returns>The job, or null if there is nothing to copy, or nothing to copy now.</returns>
    private async ValueTask<ArchiveJob?> LookAsync(Wanted one, CancellationToken cancellationToken)
    {
        if (ForeignStub.IsAt(context.Shard, one.Path))
        {
            tally.Skip(one.Path, ForeignStub.Reason);
            return null;
        }
        IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(one.Path, ShardOpenOptions.ReadWrite), cancellationToken).ConfigureAwait(false);
        bool isTaken = false, isLocked = false;
        try
        {
            context.RequireOnShard(file);
            isLocked = file.TryLock(context.ArchiveByte, LockKind.Exclusive).IsGranted;
            if (!isLocked)
            {
                tally.SkipBusy(one.Path, "archive", "another migrator is archiving it, or a program has locked it");
                return null;
            }
            // Pages that a mapping has written get their mtime now, and are protected again: a later write moves it.
            file.WriteBack();
            ShardFileInfo info = file.GetInfo();
            StubRecord? old = FileRecord.Read(file, context.Display(one.Path), context.Seal);
            bool hasCopy = IsArchived(info, old);
            if (hasCopy && (thenReleased || options.VerifyCopies) && !await IsCopyThereAsync(file, old!, cancellationToken).ConfigureAwait(false))
                hasCopy = false;
            if (!IsToBeCopied(one, file, info, old, hasCopy))
                return null;
            isTaken = true;
            return new ArchiveJob(context, file, info, old);
        }
        finally
        {
            if (!isTaken)
            {
                if (isLocked)
                    file.Unlock(context.ArchiveByte);
                file.Dispose();
            }
        }
    }

    private bool IsArchived(in ShardFileInfo info, StubRecord? old) =>
        old?.State == FileState.Archived && old.ShardId == context.Descriptor.ShardId && old.Judge(info) != CopyValidity.Stale;

    /// <summary>Whether a copy that was made earlier is still there, so that a file whose object was lost gets another while it has its data.</summary>
    private async ValueTask<bool> IsCopyThereAsync(IShardFile file, StubRecord record, CancellationToken cancellationToken)
    {
        if (record.StoreId != context.Store.Id)
            return true; // another store's: the release says so
        if (!options.VerifyCopies)
            return await context.Store.GetInfoAsync(record.Key, cancellationToken).ConfigureAwait(false) is { } found && found.Length == record.Size;
        IObjectReader? reader = await context.Store.OpenAsync(record.Key, cancellationToken).ConfigureAwait(false);
        if (reader is null)
            return false;
        await using (reader.ConfigureAwait(false))
            return await ObjectDigest.OfAsync(reader, options.ToldOf(file.Path), cancellationToken).ConfigureAwait(false) == record.Digest;
    }

    private bool IsToBeCopied(Wanted one, IShardFile file, in ShardFileInfo info, StubRecord? old, bool hasCopy)
    {
        string path = one.Path;
        if (info.Size == 0)
            return Skip("an empty file is never a stub");
        if (FileRecord.IsPinned(file))
            return Skip("it is pinned");
        if (FileRecord.IsStubState(old?.State))
        {
            if (thenReleased && FileRecord.IsHalfReleased(old))
                _ready.Enqueue(new ReleaseCandidate(path, file.Identity, null));
            else
                tally.AlreadyDone(path, "it is a stub");
            return false;
        }
        if (hasCopy)
        {
            if (!thenReleased)
                tally.AlreadyDone(path, "it is archived");
            _ready.Enqueue(new ReleaseCandidate(path, file.Identity, null, HasProvenCopy: options.VerifyCopies));
            return false;
        }
        if (info.IsOffline && old is null)
            return Skip(ForeignStub.Reason);
        // The second time its times are held against themselves, not against a clock: it was left alone for the settle time if they
        // have not moved, though they be of the future or finer than the clock's ticks.
        if (one.Seen is { } seen)
            return (info.Modified == seen.Modified && info.Changed == seen.Changed) || Skip("it is being written: it changed within the settle time");
        if (_time.AgeOf(info) >= options.SettleTime)
            return true;
        _unsettled.Enqueue(new Wanted(path, new FileTimes(info.Modified, info.Changed)));
        return false;

        bool Skip(string reason)
        {
            tally.Skip(path, reason);
            return false;
        }
    }

    /// <summary>A file to archive, and its times when it was found too young to be copied, if it was.</summary>
    private readonly record struct Wanted(string Path, FileTimes? Seen);

    private readonly record struct FileTimes(ShardTimestamp Modified, ShardTimestamp Changed);
}
