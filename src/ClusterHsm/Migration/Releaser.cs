using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Turns archived files into stubs, all of a batch under one handover (R4, R8, R11).</summary>
internal sealed class Releaser(MigrationContext context, MigrationOptions options, OutcomeTally tally)
{
    public async Task ReleaseAsync(IEnumerable<ReleaseCandidate> candidates, CancellationToken cancellationToken)
    {
        List<ReleaseCandidate> proven = [];
        foreach (ReleaseCandidate candidate in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (await PrepareAsync(candidate, cancellationToken).ConfigureAwait(false) is { } ready)
                    proven.Add(ready);
            }
            catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
            {
                tally.Fail(candidate.Path, e);
            }
        }
        int next = 0;
        while (next < proven.Count)
        {
            long began = context.Shard.Clock.GetTimestamp();
            Handover handover = await Handover.BeginAsync(context.Shard, context.Descriptor, options.Handover, cancellationToken)
                .ConfigureAwait(false);
            await using (handover.ConfigureAwait(false))
            {
                // A session that has lost its locks releases nothing more: the rest gets a new one.
                while (next < proven.Count && !cancellationToken.IsCancellationRequested && handover.MayRelease())
                {
                    ReleaseCandidate candidate = proven[next];
                    try
                    {
                        ReleaseOne(candidate, handover);
                    }
                    catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
                    {
                        tally.Fail(candidate.Path, e);
                    }
                    next++;
                }
            }
            tally.AddHandover(context.Shard.Clock.GetElapsedTime(began));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Looks before the handover, and re-reads the data where only that can tell.</summary>
    private async ValueTask<ReleaseCandidate?> PrepareAsync(ReleaseCandidate candidate, CancellationToken cancellationToken)
    {
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(candidate.Path, ShardOpenOptions.Read), cancellationToken).ConfigureAwait(false);
        context.RequireOnShard(file);
        file.Flush();
        ShardFileInfo info = file.GetInfo();
        StubRecord? record = FileRecord.Read(file, context.Display(candidate.Path));
        if (FileRecord.IsStubState(record?.State) && info.Size > 0)
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
        if (record!.Judge(info, candidate.SealedAt) == CopyValidity.NeedsDigest && !ContentProof.Matches(file, record!, cancellationToken))
        {
            tally.Skip(candidate.Path, "its data is not what was archived; archive it again");
            return null;
        }
        // The last copy but one: without an object of the right length nothing is given up. Throws by name.
        await (await ObjectOpening.OpenAsync(context, record!, context.Display(candidate.Path), cancellationToken).ConfigureAwait(false))
            .DisposeAsync().ConfigureAwait(false);
        return new ReleaseCandidate(candidate.Path, file.Identity, info.Changed);
    }

    private string? Refusal(IShardFile file, in ShardFileInfo info, StubRecord? record) =>
        record is not { State: FileState.Archived } ? "it is not archived"
        : record.ShardId != context.Descriptor.ShardId ? "its record is another shard's; archive it here"
        : FileRecord.IsPinned(file) ? "it is pinned"
        : record.Judge(info) == CopyValidity.Stale ? "it was written after it was archived"
        : null;

    private void ReleaseOne(ReleaseCandidate candidate, Handover handover)
    {
        string path = candidate.Path;
        if (context.Shard.FindWriters(path) == WriterPresence.Present)
        {
            tally.Skip(path, "a program has it open for writing");
            return;
        }
        using IShardFile? file = OpenUnlessHeldBack(path);
        if (file is null)
        {
            tally.Skip(path, "another migrator on this computer holds it");
            return;
        }
        if (file.Identity != candidate.Identity)
        {
            tally.Skip(path, "another file has its name now");
            return;
        }
        FileLock fileLock = context.LockOf(file);
        if (!fileLock.TryAcquire(LockKind.Exclusive).IsGranted)
        {
            tally.Skip(path, "a node holds its lock: it is open for writing, or being read in strict mode");
            return;
        }
        try
        {
            if (file.TryExcludeOpeners() != OpenerExclusion.Excluded)
                file.Flush(); // whoever has it mapped: its mtime must be true before the last look
            ShardFileInfo info = file.GetInfo();
            StubRecord? record = FileRecord.Read(file, context.Display(path));
            if (Refusal(file, info, record) is { } refusal)
            {
                tally.Skip(path, refusal);
                return;
            }
            if (info.Changed != candidate.SealedAt)
            {
                tally.Skip(path, "it changed since it was looked at");
                return;
            }
            FileRecord.Write(file, record! with { State = FileState.Released, ReleaseCount = record.ReleaseCount + 1 });
            file.Flush();
            if (!handover.MayRelease() || !fileLock.IsTrusted)
            {
                // Not a byte of it is gone yet: archived again, under the count that readers may have seen.
                FileRecord.Write(file, record with { ReleaseCount = record.ReleaseCount + 1 });
                file.SetTimes(info.Accessed, info.Modified);
                file.Flush();
                {
                    tally.Skip(path, "the handover was lost before its data was touched");
                    return;
                }
            }
            file.PunchHole(0, info.Size);
            file.SetTimes(info.Accessed, info.Modified);
            file.Flush();
            tally.Add(new FileOutcome { Path = path, Action = FileAction.Released, Bytes = info.Size });
        }
        finally
        {
            file.AdmitOpeners();
            fileLock.Release();
        }
    }

    /// <summary>Null while another process excludes openers, as a release does: no time to wait in a handover.</summary>
    private IShardFile? OpenUnlessHeldBack(string path)
    {
        try
        {
            return context.Shard.Open(path, ShardOpenOptions.ReadWrite);
        }
        catch (ShardIOException e) when (e.Error == ShardError.Busy)
        {
            return null;
        }
    }
}
