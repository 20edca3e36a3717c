using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Turns archived files into stubs, all of a batch under one handover (R4, R8, R11).</summary>
internal sealed class Releaser(MigrationContext context, MigrationOptions options, OutcomeTally tally)
{
    /// <summary>How often a file whose handover was lost before its data was touched gets another.</summary>
    private const int MostAttempts = 3;

    /// <summary>Files of a group where each is made durable by itself: all of them within a part of the lease.</summary>
    private const int MostWithoutBarrier = 256;

    private readonly int _mostInGroup = DescriptorLimit.Fit(options.MostFilesInGroup, descriptorsOfEach: 2);

    public async Task ReleaseAsync(IEnumerable<ReleaseCandidate> candidates, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<ReleaseCandidate> wanted = [.. candidates];
        for (int attempt = 1; wanted.Count > 0; attempt++)
        {
            ConcurrentQueue<ReleaseCandidate> ready = await PrepareAsync(wanted, cancellationToken).ConfigureAwait(false);
            List<ReleaseCandidate> again = [];
            bool hasBarrier = context.Shard.Capabilities.HasBarrier;
            // A barrier that took longer than the lease lost the handover: then file by file.
            int mostInGroup = attempt > 1 ? Durability.LeastForBarrier - 1
                : hasBarrier ? _mostInGroup
                : Math.Min(_mostInGroup, MostWithoutBarrier);
            if (Math.Min(ready.Count, mostInGroup) >= Durability.LeastForBarrier && hasBarrier)
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
        using ReleaseGroups groups = new(context, options, tally, Refusal, handover, mostInGroup, mostOpen: 2 * _mostInGroup);
        try
        {
            await using (handover.ConfigureAwait(false))
                await groups.RunAsync(ready, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await groups.Told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nobody is told of anything after the end
            throw;
        }
        TimeSpan strict = context.Shard.Clock.GetElapsedTime(began);
        groups.Finish();
        tally.AddHandover(strict);
        again.AddRange(groups.Lost);
        await groups.Told.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
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
                catch (Exception e) when (tally.BelongsToOneFile(e))
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
        string display = context.Display(candidate.Path);
        IObjectReader copy = await ObjectOpening.OpenAsync(context, record!, display, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            if (options.VerifyCopies && !candidate.HasProvenCopy)
                await ObjectOpening.RequireDigestAsync(copy, record!, display, options.ToldOf(candidate.Path), cancellationToken).ConfigureAwait(false);
        }
        return new ReleaseCandidate(candidate.Path, file.Identity, info.Changed);
    }

    private string? Refusal(IShardFile file, ShardFileInfo info, StubRecord? record) =>
        record is not { State: FileState.Archived } && !(FileRecord.IsHalfReleased(record) && info.Size == record!.Size) ? "it is not archived"
        : record.ShardId != context.Descriptor.ShardId ? "its record is another shard's; archive it here"
        : FileRecord.IsPinned(file) ? "it is pinned"
        : record.State == FileState.Archived && record.Judge(info) == CopyValidity.Stale ? "it was written after it was archived"
        : null;
}
