using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Turns archived files into stubs, all of a batch under one handover (R4, R8, R11).</summary>
internal sealed class Releaser(MigrationContext context, MigrationOptions options, OutcomeTally tally)
{
    /// <summary>How often a file whose handover was lost before its data was touched gets another.</summary>
    private const int MostAttempts = 3;

    public async Task ReleaseAsync(IEnumerable<ReleaseCandidate> candidates, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<ReleaseCandidate> wanted = [.. candidates];
        for (int attempt = 1; wanted.Count > 0; attempt++)
        {
            ConcurrentQueue<ReleaseCandidate> ready = await PrepareAsync(wanted, cancellationToken).ConfigureAwait(false);
            List<ReleaseCandidate> again = [];
            // A barrier that took longer than the lease lost the handover: then file by file.
            int mostInGroup = attempt == 1 ? options.MostFilesInGroup : Durability.LeastForBarrier - 1;
            if (Math.Min(ready.Count, mostInGroup) >= Durability.LeastForBarrier && context.Shard.Capabilities.HasBarrier)
                context.Shard.FlushAll(); // what others have written is not waited for while nodes are strict
            while (!ready.IsEmpty)
                await RunHandoverAsync(ready, mostInGroup, again, cancellationToken).ConfigureAwait(false);
            if (attempt == MostAttempts)
            {
                again.ForEach(one => tally.Skip(one.Path, "the handover was lost before its data was touched"));
                return;
            }
            wanted = again;
        }
    }

    private async Task RunHandoverAsync(
        ConcurrentQueue<ReleaseCandidate> ready, int mostInGroup, List<ReleaseCandidate> again, CancellationToken cancellationToken)
    {
        long began = context.Shard.Clock.GetTimestamp();
        Handover handover = await context.BeginHandoverAsync(options.Handover, ready.Count, cancellationToken).ConfigureAwait(false);
        await using (handover.ConfigureAwait(false))
        {
            // A session that has lost its locks releases nothing more: the rest gets a new one.
            while (!ready.IsEmpty && !cancellationToken.IsCancellationRequested && handover.MayRelease())
            {
                List<ReleaseCandidate> group = [];
                while (group.Count < mostInGroup && ready.TryDequeue(out ReleaseCandidate? candidate))
                    group.Add(candidate);
                await ReleaseGroupAsync(group, handover, again).ConfigureAwait(false);
            }
        }
        tally.AddHandover(context.Shard.Clock.GetElapsedTime(began));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task ReleaseGroupAsync(List<ReleaseCandidate> group, Handover handover, List<ReleaseCandidate> again)
    {
        List<ReleaseJob> jobs = [], punched = [];
        IReadOnlyList<ReleaseJob> released = [];
        try
        {
            await ForEachAsync(group, static candidate => candidate.Path, candidate => Mark(candidate, jobs)).ConfigureAwait(false);
            IReadOnlyList<ReleaseJob> marked = Durability.Flush(context.Shard, jobs, static job => job.File, FailUnpunched);
            await ForEachAsync(marked, static job => job.File.Path, job =>
            {
                bool wasWritten = job.WasWritten();
                if (!wasWritten && handover.MayRelease() && job.IsTrusted)
                {
                    job.Punch();
                    Keep(punched, job);
                    return;
                }
                job.Unmark();
                if (wasWritten)
                    tally.Skip(job.File.Path, "it was written while it was released");
                else
                    Keep(again, new ReleaseCandidate(job.File.Path, job.File.Identity, null));
            }).ConfigureAwait(false);
            released = Durability.Flush(context.Shard, punched, static job => job.File, Fail);
            foreach (ReleaseJob job in released)
                handover.CountDone(job.Size);
        }
        finally
        {
            jobs.ForEach(static job => job.Dispose());
        }
        // Told of when their locks are given back: that takes as long as the listener likes.
        foreach (ReleaseJob job in released)
            tally.Add(new FileOutcome { Path = job.File.Path, Action = FileAction.Released, Bytes = job.Size });
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
            refusal = job.Mark(candidate, Refusal);
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

    private async Task<ConcurrentQueue<ReleaseCandidate>> PrepareAsync(
        IEnumerable<ReleaseCandidate> candidates, CancellationToken cancellationToken)
    {
        ConcurrentQueue<ReleaseCandidate> ready = [];
        await Parallel.ForEachAsync(
            candidates,
            new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellationToken },
            async (candidate, token) =>
            {
                try
                {
                    if (await PrepareAsync(candidate, token).ConfigureAwait(false) is { } prepared)
                        ready.Enqueue(prepared);
                }
                catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
                {
                    tally.Fail(candidate.Path, e);
                }
            }).ConfigureAwait(false);
        return ready;
    }

    /// <summary>Looks before the handover, and re-reads the data where only that can tell.</summary>
    private async ValueTask<ReleaseCandidate?> PrepareAsync(ReleaseCandidate candidate, CancellationToken cancellationToken)
    {
        if (ForeignStub.IsAt(context.Shard, candidate.Path))
        {
            tally.Skip(candidate.Path, ForeignStub.Reason);
            return null;
        }
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(candidate.Path, ShardOpenOptions.Read), cancellationToken).ConfigureAwait(false);
        context.RequireOnShard(file);
        file.WriteBack();
        ShardFileInfo info = file.GetInfo();
        StubRecord? record = FileRecord.Read(file, context.Display(candidate.Path), context.Seal);
        bool isHalfReleased = FileRecord.IsHalfReleased(record);
        if (FileRecord.IsStubState(record?.State) && info.Size > 0 && !isHalfReleased)
        {
            tally.AlreadyDone(candidate.Path, "it is a stub");
            return null;
        }
        if (Refusal(file, info, record) is { } refusal)
        {
            tally.Skip(candidate.Path, refusal);
            return null;
        }
        if (ProgramRights.Has(file, info))
        {
            tally.Skip(candidate.Path, "it is a program with set-ID bits or capabilities, which it would lose");
            return null;
        }
        bool needsDigest = isHalfReleased
            ? file.TryFindData(0, out _, out _)
            : record!.Judge(info, candidate.SealedAt) == CopyValidity.NeedsDigest;
        if (needsDigest && !ContentProof.Matches(file, record!, cancellationToken))
        {
            tally.Skip(candidate.Path, isHalfReleased
                ? "a release of it was cut off, and part of its data is gone or was written since; recall it"
                : "its data is not what was archived; archive it again");
            return null;
        }
        // The last copy but one: without an object of the right length nothing is given up. Throws by name.
        await (await ObjectOpening.OpenAsync(context, record!, context.Display(candidate.Path), cancellationToken).ConfigureAwait(false))
            .DisposeAsync().ConfigureAwait(false);
        return new ReleaseCandidate(candidate.Path, file.Identity, info.Changed);
    }

    private string? Refusal(IShardFile file, ShardFileInfo info, StubRecord? record) =>
        record is not { State: FileState.Archived } && !(FileRecord.IsHalfReleased(record) && info.Size == record!.Size) ? "it is not archived"
        : record.ShardId != context.Descriptor.ShardId ? "its record is another shard's; archive it here"
        : FileRecord.IsPinned(file) ? "it is pinned"
        : record.State == FileState.Archived && record.Judge(info) == CopyValidity.Stale ? "it was written after it was archived"
        : null;

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
