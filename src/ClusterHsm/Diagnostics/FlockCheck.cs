using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether a whole-file flock, which .NET takes on every <c>File.Open</c>, is in the way of byte-range locks.</summary>
internal sealed class FlockCheck : DoctorCheck
{
    public static readonly DoctorQuestion Space = new("locks.flock",
        "flock and byte ranges are one space or two, as the library takes them to be", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Space];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        (PartyFile here, PartyFile there) = await x.OpenPairAsync("flock", cancellationToken).ConfigureAwait(false);
        LockResult flock = await here.TryFlockAsync(LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        if (!flock.IsGranted)
        {
            x.CouldNotTell(Space, $"flock {Words.Answer(flock)} here");
            return;
        }
        LockResult range = await there.TryLockAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await there.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        LockResult again = await there.TryFlockAsync(LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await there.UnflockAsync(cancellationToken).ConfigureAwait(false);
        await here.UnflockAsync(cancellationToken).ConfigureAwait(false);

        bool oneSpace = range.Status == LockStatus.Denied;
        string seen = (oneSpace ? "one space: a file under flock refuses byte-range locks" : "two spaces: flock does not touch byte-range locks")
            + $"; a second flock there was {Words.Answer(again)}";
        string follows = oneSpace ? "a file that any .NET program has open is reported busy and not migrated meanwhile" : "";
        if (range.Status == LockStatus.Failed)
            x.CouldNotTell(Space, $"a byte-range lock {Words.Answer(range)} there");
        else if (oneSpace == x.Shard.Capabilities.FlockConflictsWithRanges)
            x.Holds(Space, seen, follows);
        else
            x.DoesNotHold(Space, seen + $"; the library expects the opposite of {x.Shard.Capabilities.FileSystemType}",
                follows.Length > 0 ? follows : "no harm: fewer files are busy than expected");
    }
}
