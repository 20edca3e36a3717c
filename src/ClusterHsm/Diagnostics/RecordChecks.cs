using System.Text;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Records (extended attributes): kept at all, seen under the lock, and how soon without one.</summary>
internal sealed class RecordChecks : DoctorCheck
{
    public static readonly DoctorQuestion Kept = new("records.kept", "a file keeps a record", DoctorNeed.Migration);

    public static readonly DoctorQuestion UnderLock = new("records.locked",
        "a record written here under the lock is read there under the lock", DoctorNeed.Migration);

    public static readonly DoctorQuestion FreshOpen = new("records.fresh-open",
        "a record written here is seen there by the next open, without a lock", DoctorNeed.Relaxed);

    public static readonly DoctorQuestion OpenHandle = new("records.open-handle",
        "a record written here is seen there on an open handle, without a lock", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Kept, UnderLock, FreshOpen, OpenHandle];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile here = await x.Here.OpenAsync(x.PathOf("records"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        try
        {
            await here.WriteAttributeAsync("0"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (PartyFailedException failure) when (failure.Error is ShardError.NotSupported)
        {
            x.DoesNotHold(Kept, failure.Message,
                "no file can be marked as a stub, so no migration is possible. Mount with user extended attributes (user_xattr) or use another file system");
            return;
        }
        string? kept = Text(await here.ReadAttributeAsync(cancellationToken).ConfigureAwait(false));
        x.Decide(Kept, kept == "0", kept == "0" ? "written and read back" : $"'0' was written and {Show(kept)} was read", "no migration is possible");

        PartyFile there = await x.There.OpenAsync(x.PathOf("records"), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false);
        // Asked before the next write, so that there is something old to be cached.
        await there.ReadAttributeAsync(cancellationToken).ConfigureAwait(false);
        await WriteLockedAsync(here, x.HsmLock, "1", cancellationToken).ConfigureAwait(false);
        await there.TakeAsync(x.HsmLock, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        string? seen = Text(await there.ReadAttributeAsync(cancellationToken).ConfigureAwait(false));
        await there.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        x.Decide(UnderLock, seen == "1", seen == "1" ? "seen at once" : $"'1' was written and {Show(seen)} was read under the lock",
            "a stub can be taken for a file even in strict mode: no migration is safe. Mount without attribute caching");

        await AskFreshOpenAsync(x, here, cancellationToken).ConfigureAwait(false);
        await AskOpenHandleAsync(x, here, there, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AskFreshOpenAsync(Examination x, PartyFile here, CancellationToken cancellationToken)
    {
        await ReadByOpenAsync(x, cancellationToken).ConfigureAwait(false); // fills what caches there are
        await WriteLockedAsync(here, x.HsmLock, "2", cancellationToken).ConfigureAwait(false);
        string? seen = await ReadByOpenAsync(x, cancellationToken).ConfigureAwait(false);
        if (seen == "2")
        {
            x.Holds(FreshOpen, "seen at once", StaysStrict(x) is { } why
                ? $"nodes stay strict here by themselves all the same, because {why}, until you record \"cachesProven\": true in .clusterhsm/shard.json, while nobody is on the shard"
                : "");
            return;
        }
        TimeSpan? after = await x.WaitUntilAsync(async () => await ReadByOpenAsync(x, cancellationToken).ConfigureAwait(false) == "2",
            x.Options.Patience, cancellationToken).ConfigureAwait(false);
        x.DoesNotHold(FreshOpen,
            after is { } time ? $"seen {Words.Span(time)} late" : $"not seen within {Words.Span(x.Options.Patience)}",
            StaysStrict(x) is { } known
                ? $"nodes stay strict here by themselves, because {known}"
                : "a node that has just gone back to relaxed mode can take a stub for a file: open volumes with LockModePolicy.AlwaysStrict on every node, or mount without caching of extended attributes");
    }

    /// <summary>Why nodes stay strict whatever is seen here, or null.</summary>
    private static string? StaysStrict(Examination x) => x.Descriptor?.CachesProven == true ? null : x.Shard.Capabilities.RecordFault;

    private static async Task AskOpenHandleAsync(Examination x, PartyFile here, PartyFile there, CancellationToken cancellationToken)
    {
        await WriteLockedAsync(here, x.HsmLock, "3", cancellationToken).ConfigureAwait(false);
        TimeSpan? after = await x.WaitUntilAsync(async () => Text(await there.ReadAttributeAsync(cancellationToken).ConfigureAwait(false)) == "3",
            x.Options.Patience, cancellationToken).ConfigureAwait(false);
        if (after is { } time)
            x.Holds(OpenHandle, $"seen {Words.Span(time)} after it was written");
        else
            x.DoesNotHold(OpenHandle, $"not seen within {Words.Span(x.Options.Patience)}",
                "no harm: the library trusts no look without a lock on a handle that was opened in an earlier epoch");
    }

    private static async Task<string?> ReadByOpenAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile opened = await x.There.OpenAsync(x.PathOf("records"), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        return Text(await opened.ReadAttributeAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>As a release does it: under the exclusive lock, and durable before the lock goes.</summary>
    private static async Task WriteLockedAsync(PartyFile file, LockRange range, string value, CancellationToken cancellationToken)
    {
        await file.TakeAsync(range, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await file.WriteAttributeAsync(Encoding.ASCII.GetBytes(value), cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        await file.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
    }

    private static string? Text(byte[]? value) => value is null ? null : Encoding.ASCII.GetString(value);

    private static string Show(string? value) => value is null ? "none" : $"'{value}'";
}
