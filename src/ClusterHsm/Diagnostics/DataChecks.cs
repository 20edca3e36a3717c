using System.Security.Cryptography;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether what one side writes under the lock is what the other side reads under the lock, although it has read it before.</summary>
internal sealed class DataChecks : DoctorCheck
{
    public static readonly DoctorQuestion HereToThere = new("data.here-to-there",
        "data written here under the lock is read there under the lock", DoctorNeed.Migration);

    public static readonly DoctorQuestion ThereToHere = new("data.there-to-here",
        "data written there under the lock is read here under the lock", DoctorNeed.Migration);

    public static readonly DoctorQuestion Facts = new("data.size-and-times",
        "size and mtime are the same on both sides under the lock", DoctorNeed.Migration);

    private const int Before = 64 * 1024;
    private const int After = 96 * 1024;

    private const string Stale =
        "a migrator can archive old data and release what another computer wrote: no migration is safe. Turn the client's page cache off (direct I/O)";

    public override IReadOnlyList<DoctorQuestion> Questions => [HereToThere, ThereToHere, Facts];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        List<string> factFaults = [];
        await TryAsync(x, HereToThere, x.Here, x.There, factFaults, cancellationToken).ConfigureAwait(false);
        await TryAsync(x, ThereToHere, x.There, x.Here, factFaults, cancellationToken).ConfigureAwait(false);
        x.Decide(Facts, factFaults.Count == 0, factFaults.Count == 0 ? "equal, both ways" : Words.List(factFaults),
            "a migrator can miss that another computer has written: no migration is safe. Mount without attribute caching");
    }

    private static async Task TryAsync(
        Examination x, DoctorQuestion question, Party writer, Party reader, List<string> factFaults, CancellationToken cancellationToken)
    {
        (string? data, string? facts) = await FindFaultsAsync(x, question.Id, writer, reader, flush: false, cancellationToken).ConfigureAwait(false);
        if (facts is not null)
            factFaults.Add(facts);
        if (data is null)
        {
            x.Holds(question, "the new bytes, at once, on a handle that had read the old ones");
            return;
        }
        (string? flushed, _) = await FindFaultsAsync(x, question.Id + "-flushed", writer, reader, flush: true, cancellationToken).ConfigureAwait(false);
        x.DoesNotHold(question, data + (flushed is null ? "; seen at once when the writer flushes before it unlocks" : "; the same when the writer flushes before it unlocks"), Stale);
    }

    private static async Task<(string? Data, string? Facts)> FindFaultsAsync(
        Examination x, string name, Party writer, Party reader, bool flush, CancellationToken cancellationToken)
    {
        byte[] old = RandomNumberGenerator.GetBytes(Before), wanted = RandomNumberGenerator.GetBytes(After);
        PartyFile from = await writer.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(old, 0, cancellationToken).ConfigureAwait(false);
        await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartyFile to = await reader.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false);
        await to.ReadAsync(0, After, cancellationToken).ConfigureAwait(false);
        await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);

        await LockAsync(from, x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(wanted, 0, cancellationToken).ConfigureAwait(false);
        if (flush)
            await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartnerAnswer written = await from.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        await from.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);

        await LockAsync(to, x.HsmLock, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        PartnerAnswer seen = await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        byte[] read = await to.ReadAsync(0, After, cancellationToken).ConfigureAwait(false);
        await to.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);

        string? data = read.AsSpan().SequenceEqual(wanted) ? null
            : read.AsSpan(0, Math.Min(read.Length, Before)).SequenceEqual(old) ? "the old bytes" : $"{read.Length} bytes that are neither the old nor the new ones";
        string? facts = seen.Size != written.Size ? $"the writer sees a size of {written.Size}, the reader {seen.Size}"
            : seen.Modified != written.Modified ? $"the writer sees the mtime {written.Modified}, the reader {seen.Modified}" : null;
        return (data, facts);
    }

    private static async Task LockAsync(PartyFile file, LockRange range, LockKind kind, CancellationToken cancellationToken)
    {
        LockResult answer = await file.TryLockAsync(range, kind, cancellationToken).ConfigureAwait(false);
        if (!answer.IsGranted)
            throw new PartyFailedException($"the lock that this trial needs was {Words.Answer(answer)}", answer.Error);
    }
}
