using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>
/// One file on its way to secondary storage, in the protocol's order: looked at, copied under a fresh key, the copy made durable, looked
/// at again under the file's lock and recorded, the record made durable, sealed. Who owns it makes things durable in between.
/// </summary>
/// <remarks>Not thread-safe. Disposed before it is recorded it leaves nothing; after that, whoever reads the record finds the object.</remarks>
internal sealed class ArchiveJob(MigrationContext context, IShardFile file, ShardFileInfo before, StubRecord? old) : IAsyncDisposable
{
    private const string HeldUp = "the copying was held up for so long that a sweep may have taken the copy for an orphan; archive it again";

    private readonly FileLock _lock = context.LockOf(file);
    private readonly ObjectKey _key = ObjectKey.New(context.Descriptor.ShardId);
    private ContentDigest _digest;
    private long _committedAt;
    private bool _hasObject;

    public IShardFile File => file;

    public long Size => before.Size;

    /// <summary>Whether a record points, or may point, at the object.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Copies the file.</summary>
    /// <param name="durability">Who makes the copy durable.</param>
    /// <param name="copied">Told of each piece; may be null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyAsync(CommitDurability durability, Action<int>? copied, CancellationToken cancellationToken)
    {
        _digest = await FileCopy.CopyAsync(file, before.Size, context.Store, _key, CommitAsync, copied, cancellationToken).ConfigureAwait(false);

        async ValueTask CommitAsync(IObjectWriter writer)
        {
            // Before it exists: a sweep may see it from then on.
            _committedAt = context.Shard.Clock.GetTimestamp();
            _hasObject = true;
            await writer.CommitAsync(durability, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks again and writes the record, under the file's lock, which it keeps. The copy is durable by now.</summary>
    /// <returns>Why not, in words; null if it is recorded.</returns>
    public async ValueTask<string?> RecordAsync(CancellationToken cancellationToken)
    {
        LockResult locked = await _lock.AcquireAsync(LockKind.Shared, TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        if (!locked.IsGranted)
            return "it is locked by a recall or another migrator";
        file.WriteBack();
        ShardFileInfo after = file.GetInfo();
        if (after.Size != before.Size || after.Modified != before.Modified || after.Changed != before.Changed)
            return "it changed while it was copied";
        // Some file systems do not move ctime when an attribute is set.
        if (FileRecord.Read(file, context.Display(file.Path), context.Seal) != old)
            return "another migrator has written its record meanwhile";
        if (context.IsLateForSweep(_committedAt))
            return HeldUp;
        if (!_lock.IsTrusted && Rules.R11)
            return "its lock may have been lost while it was looked at";
        try
        {
            FileRecord.Write(file, RecordIn(FileState.Archived), context.Seal);
            IsRecorded = true;
        }
        catch (ShardIOException e) when (e.Error is ShardError.DeadHandle or ShardError.Temporary or ShardError.Other)
        {
            IsRecorded = true; // a server may have taken what its client was told has failed
            throw;
        }
        return null;
    }

    /// <summary>Takes the ctime by which this process knows the data for what was copied. The record is durable by now.</summary>
    /// <returns>The candidate, or null and why not.</returns>
    public ReleaseCandidate? Seal(out string? refusal)
    {
        refusal = null;
        ShardTimestamp sealedAt = file.GetInfo().Changed;
        if (!context.IsLateForSweep(_committedAt))
            return new ReleaseCandidate(file.Path, file.Identity, sealedAt, HasProvenCopy: true);
        FileRecord.Write(file, RecordIn(FileState.Regular), context.Seal);
        file.Flush();
        IsRecorded = false;
        refusal = HeldUp;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        file.Dispose(); // gives both locks back, in one call
        if (!_hasObject || IsRecorded)
            return;
        try
        {
            await context.Store.DeleteAsync(_key, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HsmException)
        {
            // An orphan then: a sweep finds it.
        }
    }

    private StubRecord RecordIn(FileState state) => new()
    {
        State = state,
        ReleaseCount = old?.ReleaseCount ?? 0,
        ShardId = context.Descriptor.ShardId,
        StoreId = context.Store.Id,
        Key = _key,
        Size = before.Size,
        Modified = before.Modified,
        Changed = before.Changed,
        Digest = _digest,
    };
}
