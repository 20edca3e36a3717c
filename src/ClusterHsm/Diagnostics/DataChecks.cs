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

    public static readonly DoctorQuestion Caches = new("data.caches",
        "no cache of this client is known to outlive a lock", DoctorNeed.Migration);

    private const int Length = 64 * 1024;

    private const string Stale =
        "a node can read from its cache what a hole or an older write has left there, and a migrator can archive it: no migration is safe. Turn the client's page cache off (direct I/O)";

    public override IReadOnlyList<DoctorQuestion> Questions => [HereToThere, ThereToHere, Facts, Caches];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        await AskDataAsync(x, HereToThere, x.Here, x.There, cancellationToken).ConfigureAwait(false);
        await AskDataAsync(x, ThereToHere, x.There, x.Here, cancellationToken).ConfigureAwait(false);
        string? fault = await FindFactFaultAsync(x, x.Here, x.There, cancellationToken).ConfigureAwait(false)
            ?? await FindFactFaultAsync(x, x.There, x.Here, cancellationToken).ConfigureAwait(false);
        x.Decide(Facts, fault is null, fault ?? "equal, both ways",
            "a migrator can miss that another computer has written: no migration is safe. Mount without attribute caching");
        AskCaches(x);
    }

    private static void AskCaches(Examination x)
    {
        string type = x.Shard.Capabilities.FileSystemType;
        if (x.Shard.Capabilities.CacheFault is not { } fault)
            x.Holds(Caches, $"none is known on {type} as it is mounted here");
        else if (x.Descriptor?.CachesProven == true)
            x.Holds(Caches, $"\"cachesProven\" in shard.json says so; else: {fault}");
        else
            x.DoesNotHold(Caches, fault, "the library refuses to open the shard here");
    }

    private static async Task AskDataAsync(Examination x, DoctorQuestion question, Party writer, Party reader, CancellationToken cancellationToken)
    {
        if (await FindDataFaultAsync(x, question.Id, writer, reader, flush: false, look: false, cancellationToken).ConfigureAwait(false) is not { } fault)
        {
            x.Holds(question, "the new bytes, at once, on a handle that had read the old ones");
            return;
        }
        string? flushed = await FindDataFaultAsync(x, question.Id + ".flush", writer, reader, flush: true, look: false, cancellationToken).ConfigureAwait(false);
        string? looked = await FindDataFaultAsync(x, question.Id + ".look", writer, reader, flush: true, look: true, cancellationToken).ConfigureAwait(false);
        x.DoesNotHold(question, fault + (flushed is null ? "; the new ones if the writer flushes before it unlocks"
            : looked is null ? "; the new ones if the writer flushes and the reader first asks for size and times"
            : "; the same if the writer flushes and the reader first asks for size and times"), Stale);
    }

    /// <summary>The same number of bytes, so that no change of the size gives a cache away.</summary>
    private static async Task<string?> FindDataFaultAsync(
        Examination x, string name, Party writer, Party reader, bool flush, bool look, CancellationToken cancellationToken)
    {
        byte[] old = RandomNumberGenerator.GetBytes(Length), wanted = RandomNumberGenerator.GetBytes(Length);
        (PartyFile from, PartyFile to) = await OpenAsync(x, name, writer, reader, old, cancellationToken).ConfigureAwait(false);
        await to.ReadAsync(0, Length, cancellationToken).ConfigureAwait(false);

        await from.TakeAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(wanted, 0, cancellationToken).ConfigureAwait(false);
        if (flush)
            await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        await from.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);

        await to.TakeAsync(x.HsmLock, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        if (look)
            await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        byte[] read = await to.ReadAsync(0, Length, cancellationToken).ConfigureAwait(false);
        await to.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        return read.AsSpan().SequenceEqual(wanted) ? null
            : read.AsSpan().SequenceEqual(old) ? "the old bytes" : $"{read.Length} bytes that are neither the old nor the new ones";
    }

    private static async Task<string?> FindFactFaultAsync(Examination x, Party writer, Party reader, CancellationToken cancellationToken)
    {
        string name = writer == x.Here ? "facts.here-to-there" : "facts.there-to-here";
        (PartyFile from, PartyFile to) = await OpenAsync(x, name, writer, reader, [1], cancellationToken).ConfigureAwait(false);
        await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);

        await from.TakeAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(new byte[Length], 0, cancellationToken).ConfigureAwait(false);
        PartnerAnswer written = await from.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        await from.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);

        await to.TakeAsync(x.HsmLock, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        PartnerAnswer seen = await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        await to.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        return seen.Size != written.Size ? $"the writer sees a size of {written.Size}, the reader {seen.Size}"
            : seen.Modified != written.Modified ? $"the writer sees the mtime {written.Modified}, the reader {seen.Modified}" : null;
    }

    private static async Task<(PartyFile From, PartyFile To)> OpenAsync(
        Examination x, string name, Party writer, Party reader, byte[] content, CancellationToken cancellationToken)
    {
        PartyFile from = await writer.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(content, 0, cancellationToken).ConfigureAwait(false);
        await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        return (from, await reader.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false));
    }
}
