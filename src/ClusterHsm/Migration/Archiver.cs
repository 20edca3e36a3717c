using System.Buffers;
using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Copies regular files to secondary storage and writes their records. Nodes stay relaxed meanwhile.</summary>
/// <remarks>
/// The order is the protocol's: look, copy under a fresh key, make the copy durable, look again under the file's lock, write the record,
/// make the record durable. A crash anywhere leaves at most an object that no record points at.
/// </remarks>
/// <param name="context">The shard and its store.</param>
/// <param name="options">How files are archived.</param>
/// <param name="tally">Where outcomes go.</param>
/// <param name="thenReleased">Whether the candidates go on to be released: then that is the outcome of one that was archived before.</param>
internal sealed class Archiver(MigrationContext context, MigrationOptions options, OutcomeTally tally, bool thenReleased)
{
    private const int BufferSize = 1 << 20;
    private const string HeldUp = "the copying was held up for so long that a sweep may have taken the copy for an orphan; archive it again";

    private readonly ShardTime _time = ShardTime.Read(context.Shard);

    /// <summary>Archives files; the answer holds those that may be released now.</summary>
    public async Task<IReadOnlyList<ReleaseCandidate>> ArchiveAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var ready = new ConcurrentQueue<ReleaseCandidate>();
        var unsettled = new ConcurrentQueue<Unsettled>();
        await RunAsync(paths.Select(path => (path, (Unsettled?)null))).ConfigureAwait(false);
        if (!unsettled.IsEmpty)
        {
            Unsettled[] again = [.. unsettled];
            await Task.Delay(options.SettleTime, context.Shard.Clock, cancellationToken).ConfigureAwait(false);
            await RunAsync(again.Select(seen => (seen.Path, (Unsettled?)seen))).ConfigureAwait(false);
        }
        return [.. ready];

        Task RunAsync(IEnumerable<(string Path, Unsettled? Seen)> some) => Parallel.ForEachAsync(
            some,
            new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellationToken },
            async (one, token) =>
            {
                (string path, Unsettled? seen) = one;
                try
                {
                    ReleaseCandidate? candidate = await ArchiveOneAsync(path, seen, unsettled, token).ConfigureAwait(false);
                    if (candidate is not null)
                        ready.Enqueue(candidate);
                }
                catch (Exception e) when (OutcomeTally.BelongsToOneFile(e))
                {
                    tally.Fail(path, e);
                }
            });
    }

    private async ValueTask<ReleaseCandidate?> ArchiveOneAsync(
        string path, Unsettled? seen, ConcurrentQueue<Unsettled> unsettled, CancellationToken cancellationToken)
    {
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(path, ShardOpenOptions.ReadWrite), cancellationToken).ConfigureAwait(false);
        context.RequireOnShard(file);
        if (!file.TryLock(context.ArchiveByte, LockKind.Exclusive).IsGranted)
        {
            tally.Skip(path, "another migrator is archiving it");
            return null;
        }
        try
        {
            // Pages that a mapping has written get their mtime now, and are protected again: a later write moves it.
            file.Flush();
            ShardFileInfo before = file.GetInfo();
            StubRecord? old = FileRecord.Read(file, context.Display(path));
            if (before.Size == 0)
                return Skip(path, "an empty file is never a stub");
            if (FileRecord.IsPinned(file))
                return Skip(path, "it is pinned");
            if (FileRecord.IsStubState(old?.State))
            {
                tally.AlreadyDone(path, "it is a stub");
                return null;
            }
            if (old?.State == FileState.Archived && old.ShardId == context.Descriptor.ShardId && old.Judge(before) != CopyValidity.Stale)
            {
                if (!thenReleased)
                    tally.AlreadyDone(path, "it is archived");
                return new ReleaseCandidate(path, file.Identity, null);
            }
            // The second time its times are held against themselves, not against a clock: it was left alone for the settle time if
            // they have not moved, though they be of the future or finer than the clock's ticks.
            if (seen is { } first)
            {
                if (before.Modified != first.Modified || before.Changed != first.Changed)
                    return Skip(path, "it is being written: it changed within the settle time");
            }
            else if (_time.AgeOf(before) < options.SettleTime)
            {
                unsettled.Enqueue(new Unsettled(path, before.Modified, before.Changed));
                return null;
            }
            return await CopyAndRecordAsync(file, before, old, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            file.Unlock(context.ArchiveByte);
        }
    }

    private ReleaseCandidate? Skip(string path, string reason)
    {
        tally.Skip(path, reason);
        return null;
    }

    private async ValueTask<ReleaseCandidate?> CopyAndRecordAsync(
        IShardFile file, ShardFileInfo before, StubRecord? old, CancellationToken cancellationToken)
    {
        ISecondaryStore store = context.Store;
        ObjectKey key = ObjectKey.New(context.Descriptor.ShardId);
        (ContentDigest digest, long committedAt) = await CopyAsync(file, before.Size, store, key, cancellationToken).ConfigureAwait(false);
        bool isRecorded = false;
        try
        {
            FileLock fileLock = context.LockOf(file);
            LockResult locked = await fileLock.AcquireAsync(LockKind.Shared, TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            if (!locked.IsGranted)
                return Skip(file.Path, "it is locked by a recall or another migrator");
            try
            {
                file.Flush();
                ShardFileInfo after = file.GetInfo();
                if (after.Size != before.Size || after.Modified != before.Modified || after.Changed != before.Changed)
                    return Skip(file.Path, "it changed while it was copied");
                if (context.IsLateForSweep(committedAt))
                    return Skip(file.Path, HeldUp);
                StubRecord record = new()
                {
                    State = FileState.Archived,
                    ReleaseCount = old?.ReleaseCount ?? 0,
                    ShardId = context.Descriptor.ShardId,
                    StoreId = store.Id,
                    Key = key,
                    Size = before.Size,
                    Modified = before.Modified,
                    Changed = before.Changed,
                    Digest = digest,
                };
                FileRecord.Write(file, record);
                isRecorded = true;
                file.Flush();
                // Before it is told of: that takes as long as the listener likes, and a write may come meanwhile.
                ShardTimestamp sealedAt = file.GetInfo().Changed;
                if (context.IsLateForSweep(committedAt))
                {
                    FileRecord.Write(file, record with { State = FileState.Regular });
                    file.Flush();
                    isRecorded = false;
                    return Skip(file.Path, HeldUp);
                }
                tally.Add(new FileOutcome { Path = file.Path, Action = FileAction.Archived, Bytes = before.Size });
                return new ReleaseCandidate(file.Path, file.Identity, sealedAt);
            }
            finally
            {
                fileLock.Release();
            }
        }
        finally
        {
            if (!isRecorded)
                await store.DeleteAsync(key, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Copies by two buffers: one is hashed and written while the other is filled.</summary>
    /// <returns>The digest, and when the object began to exist or a little before.</returns>
    private async Task<(ContentDigest Digest, long CommittedAt)> CopyAsync(
        IShardFile file, long size, ISecondaryStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        int bufferSize = (int)Math.Min(BufferSize, size);
        byte[] filling = ArrayPool<byte>.Shared.Rent(bufferSize), emptying = ArrayPool<byte>.Shared.Rent(bufferSize);
        Task emptied = Task.CompletedTask;
        try
        {
            long committedAt;
            using ContentDigestBuilder digest = ContentDigest.Start();
            file.Advise(FileAdvice.Sequential);
            IObjectWriter writer = await store.CreateAsync(key, size, cancellationToken).ConfigureAwait(false);
            await using (writer.ConfigureAwait(false))
            {
                long offset = 0;
                while (offset < size)
                {
                    int read = file.Read(filling.AsSpan(0, (int)Math.Min(bufferSize, size - offset)), offset);
                    if (read == 0)
                        break; // cut short meanwhile; the second look sees it
                    offset += read;
                    await emptied.ConfigureAwait(false);
                    (filling, emptying) = (emptying, filling);
                    emptied = EmptyAsync(writer, digest, emptying.AsMemory(0, read), cancellationToken);
                }
                await emptied.ConfigureAwait(false);
                committedAt = context.Shard.Clock.GetTimestamp();
                await writer.CommitAsync(CommitDurability.Immediate, cancellationToken).ConfigureAwait(false);
            }
            return (digest.Finish(), committedAt);
        }
        finally
        {
            await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }
    }

    private static async Task EmptyAsync(
        IObjectWriter writer, ContentDigestBuilder digest, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        Task hashed = Task.Run(() => digest.Append(piece.Span), CancellationToken.None);
        try
        {
            await writer.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await hashed.ConfigureAwait(false);
        }
    }

    /// <summary>A file that was too young to be copied, as it was then.</summary>
    private readonly record struct Unsettled(string Path, ShardTimestamp Modified, ShardTimestamp Changed);
}
