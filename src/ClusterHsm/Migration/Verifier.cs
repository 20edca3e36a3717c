using System.Buffers;
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
                if (deep && await DigestAsync(reader, options.ToldOf(status.Path), cancellationToken).ConfigureAwait(false) is var digest && digest != record.Digest)
                    throw new DigestMismatchException(display, $"object {record.Key} has digest {digest}, but {record.Digest} was archived",
                        "Restore the object in the store from a backup");
            }
            tally.Add(new FileOutcome { Path = status.Path, Action = FileAction.Verified, Bytes = record.Size });
        }
        catch (Exception e) when (OutcomeTally.BelongsToOneFile(e) && e is not StoreUnavailableException)
        {
            tally.Fail(status.Path, e);
        }
    }

    private static async ValueTask<ContentDigest> DigestAsync(IObjectReader reader, Action<int>? digested, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            int read;
            for (long offset = 0; (read = await reader.ReadAsync(buffer.AsMemory(0, BufferSize), offset, cancellationToken).ConfigureAwait(false)) > 0; offset += read)
            {
                digest.Append(buffer.AsSpan(0, read));
                digested?.Invoke(read);
            }
            return digest.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
