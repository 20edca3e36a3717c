using System.Collections.Concurrent;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Copies regular files to secondary storage and writes their records. Nodes stay relaxed meanwhile.</summary>
/// <remarks>
/// Small files go in batches, with one barrier of the store and one of the shard for all of a batch; a large one goes by itself, so that
/// no small one waits for it. A crash anywhere leaves at most objects that no record points at.
/// </remarks>
/// <param name="context">The shard and its store.</param>
/// <param name="options">How files are archived.</param>
/// <param name="tally">Where outcomes go.</param>
/// <param name="thenReleased">Whether the candidates go on to be released: then that is the outcome of one that was archived before.</param>
internal sealed class Archiver(MigrationContext context, MigrationOptions options, OutcomeTally tally, bool thenReleased)
{
    /// <summary>Files of a batch stay open until its end.</summary>
    private const int MostFilesInBatch = 512;

    private const long MostBytesInBatch = 256L << 20;
    private const long LargeFile = 16L << 20;

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
        while (true)
        {
            ConcurrentQueue<Wanted> alone = [];
            List<Wanted> first = [];
            while (first.Count < Durability.LeastForBarrier && rest.MoveNext())
                first.Add(rest.Current);
            if (first.Count == 0)
                return;
            if (first.Count == Durability.LeastForBarrier)
                await RunBatchAsync(first, rest, alone, cancellationToken).ConfigureAwait(false);
            else
                first.ForEach(alone.Enqueue);
            await ForEachAsync(alone, ArchiveAloneAsync, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunBatchAsync(
        List<Wanted> first, IEnumerator<Wanted> rest, ConcurrentQueue<Wanted> alone, CancellationToken cancellationToken)
    {
        ConcurrentQueue<ArchiveJob> jobs = [];
        long bytes = 0;
        try
        {
            await ForEachAsync(Batch(), CopyAsync, cancellationToken).ConfigureAwait(false);
            if (!jobs.IsEmpty)
                await FinishAsync([.. jobs], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (ArchiveJob job in jobs)
                await job.DisposeAsync().ConfigureAwait(false);
        }

        IEnumerable<Wanted> Batch()
        {
            foreach (Wanted one in first)
                yield return one;
            for (int count = first.Count; count < MostFilesInBatch && Interlocked.Read(ref bytes) < MostBytesInBatch && rest.MoveNext(); count++)
                yield return rest.Current;
        }

        async ValueTask CopyAsync(Wanted one, CancellationToken token)
        {
            if (await LookAsync(one, LargeFile, alone, token).ConfigureAwait(false) is not { } job)
                return;
            bool isCopied = false;
            try
            {
                await job.CopyAsync(CommitDurability.Deferred, token).ConfigureAwait(false);
                isCopied = true;
                Interlocked.Add(ref bytes, job.Size);
                jobs.Enqueue(job);
            }
            finally
            {
                if (!isCopied)
                    await job.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>From copies to candidates, with two barriers for all.</summary>
    private async Task FinishAsync(ArchiveJob[] jobs, CancellationToken cancellationToken)
    {
        try
        {
            await context.Store.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HsmException e)
        {
            foreach (ArchiveJob job in jobs)
                tally.Fail(job.File.Path, e);
            return;
        }
        ConcurrentQueue<ArchiveJob> recorded = [];
        // Cancelled meanwhile, what has its record is still made durable and told of.
        await ForEachAsync(jobs, async (job, _) =>
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            if (await job.RecordAsync(CancellationToken.None).ConfigureAwait(false) is { } refusal)
                tally.Skip(job.File.Path, refusal);
            else
                recorded.Enqueue(job);
        }, CancellationToken.None, static job => job.File.Path).ConfigureAwait(false);
        foreach (ArchiveJob job in Durability.Flush(context.Shard, [.. recorded], static job => job.File, (job, e) => tally.Fail(job.File.Path, e)))
            Finish(job);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask ArchiveAloneAsync(Wanted one, CancellationToken cancellationToken)
    {
        ArchiveJob? job = await LookAsync(one, long.MaxValue, [], cancellationToken).ConfigureAwait(false);
        if (job is null)
            return;
        await using (job.ConfigureAwait(false))
        {
            await job.CopyAsync(CommitDurability.Immediate, cancellationToken).ConfigureAwait(false);
            if (await job.RecordAsync(cancellationToken).ConfigureAwait(false) is { } refusal)
            {
                tally.Skip(one.Path, refusal);
                return;
            }
            job.File.Flush();
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
    private async ValueTask<ArchiveJob?> LookAsync(Wanted one, long most, ConcurrentQueue<Wanted> larger, CancellationToken cancellationToken)
    {
        IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(one.Path, ShardOpenOptions.ReadWrite), cancellationToken).ConfigureAwait(false);
        bool isTaken = false, isLocked = false;
        try
        {
            context.RequireOnShard(file);
            isLocked = file.TryLock(context.ArchiveByte, LockKind.Exclusive).IsGranted;
            if (!isLocked)
            {
                tally.SkipBusy(one.Path, "archive", "another migrator is archiving it");
                return null;
            }
            // Pages that a mapping has written get their mtime now, and are protected again: a later write moves it.
            file.WriteBack();
            ShardFileInfo info = file.GetInfo();
            StubRecord? old = FileRecord.Read(file, context.Display(one.Path), context.Seal);
            if (!IsToBeCopied(one, file, info, old))
                return null;
            if (info.Size > most)
            {
                larger.Enqueue(one);
                return null;
            }
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

    private bool IsToBeCopied(Wanted one, IShardFile file, in ShardFileInfo info, StubRecord? old)
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
        if (old?.State == FileState.Archived && old.ShardId == context.Descriptor.ShardId && old.Judge(info) != CopyValidity.Stale)
        {
            if (!thenReleased)
                tally.AlreadyDone(path, "it is archived");
            _ready.Enqueue(new ReleaseCandidate(path, file.Identity, null));
            return false;
        }
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

    private Task ForEachAsync(IEnumerable<Wanted> files, Func<Wanted, CancellationToken, ValueTask> work, CancellationToken cancellationToken) =>
        ForEachAsync(files, work, cancellationToken, static one => one.Path);

    private Task ForEachAsync<T>(
        IEnumerable<T> files, Func<T, CancellationToken, ValueTask> work, CancellationToken cancellationToken, Func<T, string> pathOf) =>
        Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellationToken },
            async (one, token) =>
            {
                try
                {
                    await work(one, token).ConfigureAwait(false);
                }
                catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
                {
                    tally.Fail(pathOf(one), e);
                }
            });

    /// <summary>A file to archive, and its times when it was found too young to be copied, if it was.</summary>
    private readonly record struct Wanted(string Path, FileTimes? Seen);

    private readonly record struct FileTimes(ShardTimestamp Modified, ShardTimestamp Changed);
}
