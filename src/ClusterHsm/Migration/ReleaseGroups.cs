using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Releases files under one handover, group by group: all of a group are marked, the marks made durable, and all are punched.</summary>
/// <remarks>
/// That the holes are durable is waited for when the handover is over, because a crash that undoes one leaves a stub with its data, which is
/// recalled; and the wait can be long where the file system tells the disk of every block that becomes free (<c>discard</c>). Nodes are
/// relaxed by then. So a group is as large as there is room for: the barrier of the next one would wait for the holes of this one.
/// </remarks>
/// <param name="context">The shard.</param>
/// <param name="options">How files are released.</param>
/// <param name="tally">Where outcomes go.</param>
/// <param name="refusalOf">Why a file may not be released, by what the last look at it shows; null if it may.</param>
/// <param name="handover">The handover.</param>
/// <param name="mostInGroup">Files of a group.</param>
/// <param name="mostOpen">Files that are open at once: those of a group, and those whose holes are not durable yet.</param>
internal sealed class ReleaseGroups(
    MigrationContext context, MigrationOptions options, OutcomeTally tally, Func<IShardFile, ShardFileInfo, StubRecord?, string?> refusalOf,
    Handover handover, int mostInGroup, int mostOpen) : IDisposable
{
    /// <summary>Whoever wants a file of the group waits for so long, and for the barrier and the punching after it.</summary>
    private static readonly TimeSpan s_longestMarking = TimeSpan.FromSeconds(1);

    private readonly List<ReleaseJob> _marked = [], _punched = [];

    /// <summary>Files whose handover was lost before their data was touched.</summary>
    public List<ReleaseCandidate> Lost { get; } = [];

    /// <summary>Ends when all have been told of that are known to be released. It takes as long as the listener likes, and nodes do not wait for it.</summary>
    public Task Told { get; private set; } = Task.CompletedTask;

    /// <summary>Takes from the queue for as long as the handover lasts and nobody cancels. What was taken is punched or lost at the end.</summary>
    public async Task RunAsync(ConcurrentQueue<ReleaseCandidate> ready, CancellationToken cancellationToken)
    {
        try
        {
            while (MayGoOn())
            {
                int most = Math.Min(mostInGroup, ready.Count);
                await ForEachAsync(Group(most), most, static candidate => candidate.Path, Mark).ConfigureAwait(false);
                IReadOnlyList<ReleaseJob> durable = TryBarrier(_marked.Count)
                    ? _marked
                    : Durability.FlushEach(_marked, static job => job.File, FailUnpunched);
                await ForEachAsync(durable, durable.Count, static job => job.File.Path, Punch).ConfigureAwait(false);
                LetGo();
                if (_punched.Count + Math.Min(mostInGroup, ready.Count) > mostOpen)
                    Finish();
            }
        }
        finally
        {
            LetGo();
        }

        // A session that has lost its locks releases nothing more, and a listener that has failed is told of nothing more.
        bool MayGoOn() => !ready.IsEmpty && !cancellationToken.IsCancellationRequested && !Told.IsFaulted && handover.MayRelease();

        IEnumerable<ReleaseCandidate> Group(int most)
        {
            long began = context.Shard.Clock.GetTimestamp();
            for (int count = 0; count < most && (count == 0 || (context.Shard.Clock.GetElapsedTime(began) < s_longestMarking && MayGoOn())); count++)
            {
                if (!ready.TryDequeue(out ReleaseCandidate? candidate))
                    yield break;
                yield return candidate;
            }
        }
    }

    /// <summary>Makes the holes durable and tells of the files, without waiting for the listener (<see cref="Told"/>).</summary>
    public void Finish()
    {
        if (_punched.Count == 0)
            return;
        IReadOnlyList<ReleaseJob> released = TryBarrier(_punched.Count) ? _punched : Durability.FlushEach(_punched, static job => job.File, Fail);
        List<FileOutcome> outcomes = [];
        foreach (ReleaseJob job in released)
            outcomes.Add(new FileOutcome { Path = job.File.Path, Action = FileAction.Released, Bytes = job.Size });
        _punched.ForEach(static job => job.Dispose());
        _punched.Clear();
        Told = TellAsync(Told);

        async Task TellAsync(Task before)
        {
            await before.ConfigureAwait(false);
            await Task.Yield();
            outcomes.ForEach(tally.Add);
        }
    }

    public void Dispose() => _punched.ForEach(static job => job.Dispose());

    private bool TryBarrier(int count) => Math.Min(count, mostInGroup) >= Durability.LeastForBarrier && Durability.TryBarrier(context.Shard);

    private void Mark(ReleaseCandidate candidate)
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
                Keep(_marked, job);
            else
                job.Dispose();
        }
        if (refusal is not null)
            tally.Skip(candidate.Path, refusal);
    }

    /// <summary>Punches a file whose mark is durable, or takes the mark back if it may not be punched.</summary>
    private void Punch(ReleaseJob job)
    {
        bool wasWritten = false;
        if (job.StillHasIt() && !(wasWritten = job.WasWritten()) && handover.MayRelease() && job.IsTrusted)
        {
            job.Punch();
            handover.CountDone(job.Size);
            return;
        }
        job.Unmark();
        if (wasWritten)
            tally.Skip(job.File.Path, "it was written while it was released");
        else
            Keep(Lost, new ReleaseCandidate(job.File.Path, job.File.Identity, null));
    }

    /// <summary>Closes the files of the group, but for those whose holes are still to be made durable.</summary>
    private void LetGo()
    {
        foreach (ReleaseJob job in _marked)
        {
            if (job.IsPunched)
                _punched.Add(job);
            else
                job.Dispose();
        }
        _marked.Clear();
    }

    /// <summary>Each file by itself, of a group that is worth it by several threads: nodes are strict meanwhile.</summary>
    private Task ForEachAsync<T>(IEnumerable<T> files, int count, Func<T, string> pathOf, Action<T> work)
    {
        if (options.Jobs > 1 && count >= Durability.LeastForBarrier)
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
        catch (Exception e) when (tally.BelongsToOneFile(e))
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
