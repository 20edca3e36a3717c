using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Makes stubs of exports, all of a batch under one handover (R8).</summary>
/// <remarks>
/// Each stub gets an object of its own, a copy inside the store, so that a sweep of this shard or of the other can never take the object
/// of both. Copies are made before the handover. A stub is made as an empty file that gets its record before its size, and an empty
/// file is never a stub: cut off anywhere, it is nothing or whole.
/// </remarks>
internal sealed class Importer(MigrationContext context, MigrationOptions options, OutcomeTally tally)
{
    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public async Task ImportAsync(IEnumerable<StubExport> exports, CancellationToken cancellationToken)
    {
        Handover.RequirePossible(context.Shard, context.Descriptor);
        ConcurrentQueue<Copied> copied = new();
        try
        {
            await Parallel.ForEachAsync(
                exports,
                new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellationToken },
                async (export, token) =>
                {
                    try
                    {
                        if (await CopyAsync(export, token).ConfigureAwait(false) is { } copy)
                            copied.Enqueue(copy);
                    }
                    catch (Exception e) when (tally.BelongsToOneFile(e))
                    {
                        tally.Fail(export.Path, e);
                    }
                }).ConfigureAwait(false);
            while (!copied.IsEmpty)
                await MakeStubsAsync(copied, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (Copied unused in copied)
                await DeleteUnlessRecordedAsync(unused).ConfigureAwait(false);
        }
    }

    private async ValueTask<Copied?> CopyAsync(StubExport export, CancellationToken cancellationToken)
    {
        string path = ShardPath.Normalize(context.Shard.Root, export.Path);
        if (OwnFiles.AreNamedBy(path))
        {
            tally.Skip(path, "it belongs to the shard itself");
            return null;
        }
        if (new InnerFolders(context.Shard).OwnerOf(path) is { } owner)
        {
            tally.Skip(path, $"it would belong to {owner}");
            return null;
        }
        if (!options.AcceptUnsigned && !context.Seal.Vouches(export))
            throw new UntrustedRecordException(context.Display(path), "its export is not signed with this shard's key: it was changed, or made elsewhere",
                "Nothing was changed. If you know where it comes from, import it with 'clusterhsm import --unsigned'");
        if (context.Shard.GetInfo(path) is { } there)
        {
            if (FindStub(path, there, export) is { } made)
            {
                await RequireObjectAsync(path, made, "Nothing was changed. Delete this stub and import it again", cancellationToken).ConfigureAwait(false);
                tally.AlreadyDone(path, "it is this stub already");
                return null;
            }
            if (there.Type != ShardEntryType.File || there.Size > 0)
                throw IsTaken(path);
        }
        ISecondaryStore store = context.Store;
        StubRecord record = export.Record;
        if (record.StoreId != store.Id)
            throw new StoreUnavailableException(context.Display(path), $"its data is in the store {record.StoreId:N}, this shard's is {store.Id:N}",
                "Import it on a shard that has that store");
        await RequireObjectAsync(path, record, "Nothing was changed. Restore the object in the store from a backup", cancellationToken).ConfigureAwait(false);
        Copied copy = new(path, export, ObjectKey.New(context.Descriptor.ShardId), context.Shard.Clock.GetTimestamp());
        await store.CopyAsync(record.Key, copy.Key, cancellationToken).ConfigureAwait(false);
        return copy;
    }

    private async ValueTask RequireObjectAsync(string path, StubRecord record, string remedy, CancellationToken cancellationToken)
    {
        ISecondaryStore store = context.Store;
        if (await store.GetInfoAsync(record.Key, cancellationToken).ConfigureAwait(false) is not { } found)
            throw new ObjectMissingException(context.Display(path), $"its object {record.Key} is not in the store {store.Location}", remedy);
        if (found.Length != record.Size)
            throw new DigestMismatchException(context.Display(path), $"object {record.Key} has {found.Length} bytes, but {record.Size} were archived", remedy);
    }

    private async Task MakeStubsAsync(ConcurrentQueue<Copied> copied, CancellationToken cancellationToken)
    {
        long began = context.Shard.Clock.GetTimestamp();
        Handover handover = await context.BeginHandoverAsync(options.Handover, copied.Count, cancellationToken).ConfigureAwait(false);
        await using (handover.ConfigureAwait(false))
        {
            while (!cancellationToken.IsCancellationRequested && handover.MayRelease() && copied.TryDequeue(out Copied? next))
            {
                try
                {
                    await MakeStubAsync(next, handover, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (tally.BelongsToOneFile(e))
                {
                    tally.Fail(next.Path, e);
                }
                finally
                {
                    await DeleteUnlessRecordedAsync(next).ConfigureAwait(false);
                }
            }
        }
        tally.AddHandover(context.Shard.Clock.GetElapsedTime(began));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask DeleteUnlessRecordedAsync(Copied copy)
    {
        if (copy.IsRecorded)
            return;
        try
        {
            await context.Store.DeleteAsync(copy.Key, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HsmException)
        {
            // An orphan then: a sweep finds it.
        }
    }

    private async ValueTask MakeStubAsync(Copied copy, Handover handover, CancellationToken cancellationToken)
    {
        (string path, StubExport export) = (copy.Path, copy.Export);
        MakeFolders(ShardPath.Parent(path));
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, PrivateMode), cancellationToken).ConfigureAwait(false);
        context.RequireOnShard(file, isNew: true);
        FileLock fileLock = context.LockOf(file);
        if (!fileLock.TryAcquire(LockKind.Exclusive).IsGranted || file.TryExcludeOpeners() == OpenerExclusion.OthersHaveItOpen)
        {
            fileLock.Release();
            throw new FileBusyException(context.Display(path), "an empty file has its name, and a program has that open", "Try again later");
        }
        try
        {
            if (file.GetInfo().Size > 0)
                throw IsTaken(path);
            if (!handover.MayRelease() || !fileLock.IsTrusted || context.IsLateForSweep(copy.CopiedAt))
            {
                tally.Skip(path, "the handover was lost before the stub was made; import it again");
                return;
            }
            StubRecord? old = FileRecord.Read(file, context.Display(path), context.Seal);
            copy.IsRecorded = true;
            FileRecord.Write(file, export.Record with
            {
                State = FileState.Released,
                ReleaseCount = (old?.ReleaseCount ?? 0) + 1,
                ShardId = context.Descriptor.ShardId,
                Key = copy.Key,
                Modified = export.Modified,
                Changed = export.Modified,
            }, context.Seal);
            // A size that outlives a crash without the record would be a regular file of zeros.
            file.Flush();
            file.SetLength(export.Record.Size);
            file.MarkOffline(true);
            string? shortfall = Restore(context.Shard, file, export);
            file.Flush();
            context.Shard.FlushDirectory(ShardPath.Parent(path));
            handover.CountDone(export.Record.Size);
            tally.Add(new FileOutcome { Path = path, Action = FileAction.Imported, Bytes = export.Record.Size, Reason = shortfall });
        }
        finally
        {
            file.AdmitOpeners();
            fileLock.Release();
        }
    }

    /// <summary>Puts owner, permissions and times back, as far as this user may.</summary>
    /// <returns>What could not be put back, in words.</returns>
    private static string? Restore(IShardFileSystem shard, IShardFile file, StubExport export)
    {
        string? shortfall = null;
        try
        {
            if (shard.Capabilities.KeepsPermissionBits)
                file.SetOwnership(export.Mode, export.UserId, export.GroupId);
        }
        catch (ShardIOException e) when (e.Error == ShardError.AccessDenied)
        {
            ShardFileInfo info = file.GetInfo();
            // Another user's set-user-ID program does not become ours.
            file.SetOwnership(export.Mode & ~(UnixFileMode.SetUser | UnixFileMode.SetGroup), info.UserId, info.GroupId);
            shortfall = $"it belongs to {info.UserId}:{info.GroupId}: only root may give it to {export.UserId}:{export.GroupId}";
        }
        file.SetTimes(export.Modified, export.Modified);
        return shortfall;
    }

    /// <summary>The record of the stub that an import made that was cut off, or done before, which it finishes; null if there is none.</summary>
    private StubRecord? FindStub(string path, in ShardFileInfo there, StubExport export)
    {
        if (there.Type != ShardEntryType.File || there.Size != export.Record.Size)
            return null;
        using IShardFile file = context.Shard.Open(path, ShardOpenOptions.ReadWrite);
        if (FileRecord.Look(file, context.Display(path), context.Seal) is not { IsStub: true, Record: { } record }
            || record.Digest != export.Record.Digest || record.StoreId != export.Record.StoreId || record.ShardId != context.Descriptor.ShardId)
            return null;
        Restore(context.Shard, file, export);
        file.Flush();
        return record;
    }

    private void MakeFolders(string folder)
    {
        if (folder.Length == 0 || context.Shard.GetInfo(folder) is not null)
            return;
        MakeFolders(ShardPath.Parent(folder));
        if (context.Shard.CreateDirectory(folder, FolderMode))
            context.Shard.FlushDirectory(ShardPath.Parent(folder));
    }

    private HsmAlreadyExistsException IsTaken(string path) =>
        new(context.Display(path), "it is there already and is not this stub", "Nothing was changed. Import it elsewhere, or move what is there away first");

    private sealed record Copied(string Path, StubExport Export, ObjectKey Key, long CopiedAt)
    {
        /// <summary>Whether a record may point at the object by now: it is not ours to delete any more.</summary>
        public bool IsRecorded { get; set; }
    }
}
