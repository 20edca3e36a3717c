using System.Security.Cryptography;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>How soon size and times of a write are seen by the other side without a lock.</summary>
internal sealed class AttributeLagCheck : DoctorCheck
{
    public static readonly DoctorQuestion Fresh = new("data.unlocked",
        "size and mtime are seen by the other side at once, without a lock", DoctorNeed.Nothing);

    private const int Length = 4096;

    public override IReadOnlyList<DoctorQuestion> Questions => [Fresh];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Lag there = await MeasureAsync(x, "lag.here-to-there", x.Here, x.There, cancellationToken).ConfigureAwait(false);
        Lag here = await MeasureAsync(x, "lag.there-to-here", x.There, x.Here, cancellationToken).ConfigureAwait(false);
        x.Decide(Fresh, there.IsNone && here.IsNone, there.IsNone && here.IsNone ? "at once, both ways" : $"{Say(x, there)} there, {Say(x, here)} here",
            "no harm: whatever the library decides by size and times it asks under the lock; the first walk of a migration can take a file for smaller or older than it is, "
            + "and programs see each other's writes as late as they would without the library");
    }

    private static async Task<Lag> MeasureAsync(Examination x, string name, Party writer, Party reader, CancellationToken cancellationToken)
    {
        PartyFile from = await writer.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync([1], 0, cancellationToken).ConfigureAwait(false);
        await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartyFile to = await reader.OpenAsync(x.PathOf(name), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        await to.GetInfoAsync(cancellationToken).ConfigureAwait(false); // fills what caches there are

        await from.TakeAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await from.WriteAsync(RandomNumberGenerator.GetBytes(Length), 0, cancellationToken).ConfigureAwait(false);
        await from.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartnerAnswer written = await from.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        await from.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);

        bool isFirst = true, isLate = false;
        TimeSpan? after = await x.WaitUntilAsync(async () =>
        {
            PartnerAnswer seen = await to.GetInfoAsync(cancellationToken).ConfigureAwait(false);
            bool isSo = (seen.Size, seen.Modified) == (written.Size, written.Modified);
            isLate |= isFirst && !isSo;
            isFirst = false;
            return isSo;
        }, x.Options.Patience, cancellationToken).ConfigureAwait(false);
        return new Lag(!isLate, after);
    }

    private static string Say(Examination x, Lag lag) => lag switch
    {
        { IsNone: true } => "at once",
        { After: { } time } => $"{Words.Span(time)} late",
        _ => $"not within {Words.Span(x.Options.Patience)}",
    };

    private readonly record struct Lag(bool IsNone, TimeSpan? After);
}
