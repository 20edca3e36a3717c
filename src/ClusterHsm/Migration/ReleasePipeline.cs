using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Releases files under one handover, group by group: each is marked, the marks made durable, punched, the holes made durable.</summary>
/// <remarks>
/// One barrier does for the marks of a group and for the holes of the one before it, and the group after it is marked meanwhile. So the disk
/// does not wait for the processors, nor they for it, and the files of three groups at most are locked.
/// </remarks>
/// <param name="context">The shard.</param>
/// <param name="options">How files are released.</param>
/// <param name="tally">Where outcomes go.</param>
/// <param name="refusalOf">Why a file may not be released, by what the last look at it shows; null if it may.</param>
/// <param name="handover">The handover.</param>
/// <param name="mostInGroup">Files of a group.</param>
internal sealed class ReleasePipeline(
    MigrationContext context, MigrationOptions options, OutcomeTally tally, Func<IShardFile, ShardFileInfo, StubRecord?, string?> refusalOf,
    Handover handover, int mostInGroup)
{
    /// <summary>Groups whose files are open at once: one that is marked, one whose marks are made durable, one that is punched.</summary>
    public const int GroupsOpen = 3;

    /// <summary>
    /// Where groups overlap a file is locked for two rounds, of which each marks a group, waits for a barrier and punches, and its lock is to be
    /// trusted to the end (R11): a round may take this part of the lease.
    /// </summary>
    private const int PartOfLease = 8;

    private readonly TimeSpan _quick = context.Descriptor.LeaseDuration / PartOfLease;
    private readonly List<ReleaseJob> _punched = [];
    private List<ReleaseJob> _marked = [], _next = [];
    private bool _overlaps;

    /// <summary>Files whose handover was lost before their data was touched.</summary>
    public List<ReleaseCandidate> Lost { get; } = [];

    /// <summary>Ends when all have been told of that were released. It takes as long as the listener likes, and no lock is held for it.</summary>
    public Task Told { get; private set; } = Task.CompletedTask;

    /// <summary>Takes from the queue for as long as the handover lasts and nobody cancels. What was taken is done or lost at the end.</summary>
    public async Task RunAsync(ConcurrentQueue<ReleaseCandidate> ready, CancellationToken cancellationToken)
    {
        try
        {
            while (_marked.Count + _punched.Count > 0 || MayGoOn())
            {
                long began = context.Shard.Clock.GetTimestamp();
                if (_marked.Count == 0 && MayGoOn())
                    await MarkAsync(ready, _marked).ConfigureAwait(false);
                bool areDurable = await MakeDurableAsync().ConfigureAwait(false);
                await FinishAsync(areDurable).ConfigureAwait(false);
                await PunchAsync(areDurable).ConfigureAwait(false);
                _overlaps = areDurable && context.Shard.Clock.GetElapsedTime(began) < _quick;
                if (!_overlaps)
                    await FinishAsync(TryBarrier(_punched.Count)).ConfigureAwait(false);
                (_marked, _next) = (_next, _marked);
            }
        }
        finally
        {
            foreach (ReleaseJob job in (IEnumerable<ReleaseJob>)[.. _marked, .. _next, .. _punched])
                job.Dispose();
        }

        async Task<bool> MakeDurableAsync()
        {
            int count = _marked.Count + _punched.Count;
            if (!_overlaps || options.Jobs == 1 || !MayGoOn())
                return TryBarrier(count);
            Task<bool> barrier = Task.Run(() => TryBarrier(count));
            bool areDurable;
            try
            {
                await MarkAsync(ready, _next).ConfigureAwait(false);
            }
            finally
            {
                areDurable = await barrier.ConfigureAwait(false);
            }
            return areDurable;
        }

        // A session that has lost its locks releases nothing more, and a listener that has failed is told of nothing more.
        bool MayGoOn() => !ready.IsEmpty && !cancellationToken.IsCancellationRequested && !Told.IsFaulted && handover.MayRelease();
    }

    private bool TryBarrier(int count) => Math.Min(count, mostInGroup) >= Durability.LeastForBarrier && Durability.TryBarrier(context.Shard);

    private async Task MarkAsync(ConcurrentQueue<ReleaseCandidate> ready, List<ReleaseJob> jobs)
    {
        List<ReleaseCandidate> group = [];
        while (group.Count < mostInGroup && ready.TryDequeue(out ReleaseCandidate? candidate))
            group.Add(candidate);
        await ForEachAsync(group, static candidate => candidate.Path, candidate => Mark(candidate, jobs)).ConfigureAwait(false);
    }

    private void Mark(ReleaseCandidate candidate, List<ReleaseJob> jobs)
    {
        ReleaseJob? job = ReleaseJob.TryBegin(context, candidate, out string? refusal);
        bool isMarked = false;
        if (job is null)
        {
            tally.SkipBusy(candidate.Path, "release", refusal!);
            return;
        }
        try
        {
            refusal = job.Mark(candidate, refusalOf);
            isMarked = refusal is null;
        }
        finally
        {
            if (isMarked)
                Keep(jobs, job);
            else
                job.Dispose();
        }
        if (refusal is not null)
            tally.Skip(candidate.Path, refusal);
    }

    /// <summary>Punches those whose marks are durable, and takes back the marks of those that may not be punched.</summary>
    private async Task PunchAsync(bool areDurable)
    {
        IReadOnlyList<ReleaseJob> marked = areDurable ? _marked : Durability.FlushEach(_marked, static job => job.File, FailUnpunched);
        await ForEachAsync(marked, static job => job.File.Path, job =>
        {
            bool wasWritten = job.WasWritten();
            if (!wasWritten && handover.MayRelease() && job.IsTrusted)
            {
                job.Punch();
                return;
            }
            job.Unmark();
            if (wasWritten)
                tally.Skip(job.File.Path, "it was written while it was released");
            else
                Keep(Lost, new ReleaseCandidate(job.File.Path, job.File.Identity, null));
        }).ConfigureAwait(false);
        foreach (ReleaseJob job in _marked)
        {
            if (job.IsPunched)
                _punched.Add(job);
            else
                job.Dispose();
        }
        _marked.Clear();
    }

    /// <summary>Lets go of those whose holes are durable, and tells of them.</summary>
    private async Task FinishAsync(bool areDurable)
    {
        if (_punched.Count == 0)
            return;
        IReadOnlyList<ReleaseJob> released = areDurable ? _punched : Durability.FlushEach(_punched, static job => job.File, Fail);
        List<FileOutcome> outcomes = [];
        foreach (ReleaseJob job in released)
        {
            handover.CountDone(job.Size);
            outcomes.Add(new FileOutcome { Path = job.File.Path, Action = FileAction.Released, Bytes = job.Size });
        }
        _punched.ForEach(static job => job.Dispose());
        _punched.Clear();
        // While others are locked the listener is not waited for.
        bool areOthersLocked = _marked.Count + _next.Count > 0;
        Told = TellAsync(Told);
        if (!areOthersLocked)
            await Told.ConfigureAwait(false);

        async Task TellAsync(Task before)
        {
            await before.ConfigureAwait(false);
            if (areOthersLocked)
                await Task.Yield();
            outcomes.ForEach(tally.Add);
        }
    }

    /// <summary>Each file by itself, of a group that is worth it by several threads: nodes are strict meanwhile.</summary>
    private Task ForEachAsync<T>(IReadOnlyCollection<T> files, Func<T, string> pathOf, Action<T> work)
    {
        if (options.Jobs > 1 && files.Count >= Durability.LeastForBarrier)
        {
            return Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = options.Jobs }, (file, _) =>
            {
                ForOne(pathOf(file), () => work(file));
                return ValueTask.CompletedTask;
            });
        }
        foreach (T file in files)
            ForOne(pathOf(file), () => work(file));
        return Task.CompletedTask;
    }

    private static void Keep<T>(List<T> list, T one)
    {
        lock (list)
            list.Add(one);
    }

    private void ForOne(string path, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
        {
            tally.Fail(path, e);
        }
    }

    private void Fail(ReleaseJob job, ShardIOException e) => tally.Fail(job.File.Path, e);

    private void FailUnpunched(ReleaseJob job, ShardIOException e)
    {
        tally.Fail(job.File.Path, e);
        try
        {
            job.Unmark();
        }
        catch (ShardIOException)
        {
            // A stub with all of its data: whoever reads it recalls it.
        }
    }
}
