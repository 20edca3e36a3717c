using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Compares records with the objects that they point at, and, when asked, the objects with their digests. Changes nothing.</summary>
internal sealed class Verifier(MigrationContext context, MigrationOptions options, OutcomeTally tally)
{
    private const int BufferSize = 1 << 20;

    public async Task VerifyAsync(FileStatus status, bool deep, CancellationToken cancellationToken)
    {
        string display = context.Display(status.Path);
        try
        {
            if (status.Problem is { } problem)
                throw FileRecord.Refusal(display, problem, status.HasWrongSignature, "Restore the record from a backup");
            if (status.State == FileState.Regular)
            {
                tally.AlreadyDone(status.Path, status.HasStaleCopy ? "its copy is stale" : "it is not archived");
                return;
            }
            StubRecord record = status.Record!;
            if (status.IsStub && status.Size != record.Size)
                throw new ForeignDataException(display, $"it is a stub of {record.Size} bytes, but its size is {status.Size}",
                    "A program changed it behind the library's back; restore it from a backup");
            IObjectReader reader = await ObjectOpening.OpenAsync(context, record, display, cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (deep)
                    await ObjectOpening.RequireDigestAsync(reader, record, display, options.ToldOf(status.Path), cancellationToken).ConfigureAwait(false);
                if (deep && status is { State: FileState.Released })
                    await RequireNothingWrittenAsync(status.Path, record, reader, display, cancellationToken).ConfigureAwait(false);
            }
            tally.Add(new FileOutcome { Path = status.Path, Action = FileAction.Verified, Bytes = record.Size });
        }
        catch (Exception e) when (tally.BelongsToOneFile(e) && e is not StoreUnavailableException)
        {
            tally.Fail(status.Path, e);
        }
    }

    /// <summary>What was written into a stub behind the library's back keeps it from being recalled.</summary>
    private async ValueTask RequireNothingWrittenAsync(
        string path, StubRecord record, IObjectReader reader, string display, CancellationToken cancellationToken)
    {
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(path, ShardOpenOptions.Read), cancellationToken).ConfigureAwait(false);
        try
        {
            await ForeignData.RefuseAsync(file, reader, display, cancellationToken).ConfigureAwait(false);
        }
        catch (ForeignDataException) when (FileRecord.Read(file, display, context.Seal) != record)
        {
            // It was recalled, and may have been written since.
        }
    }
}
