using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether a lock ends with its handle: some file systems keep those that are only closed.</summary>
internal sealed class ClosedHandleCheck : DoctorCheck
{
    public static readonly DoctorQuestion Freed = new("locks.closed",
        "a lock ends with its handle, without an unlock", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Freed];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        (PartyFile here, PartyFile there) = await x.OpenPairAsync("closed", cancellationToken).ConfigureAwait(false);
        LockResult held = await there.TryLockUnaccountedAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        if (!held.IsGranted)
        {
            x.CouldNotTell(Freed, held.Error == ShardError.NotSupported ? "the library has no way to close without an unlock on this system" : $"the lock was {Words.Answer(held)}");
            return;
        }
        if (await IsFreeAsync(here, x, cancellationToken).ConfigureAwait(false))
        {
            x.CouldNotTell(Freed, "the lock was not seen by the other side while it was held");
            return;
        }
        await x.There.CloseAllAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan? after = await x.WaitUntilAsync(() => IsFreeAsync(here, x, cancellationToken), x.Options.Patience, cancellationToken).ConfigureAwait(false);
        if (after is { } time)
            x.Holds(Freed, $"free {Words.Span(time)} after the file was closed");
        else
            x.DoesNotHold(Freed, $"still held {Words.Span(x.Options.Patience)} after the file was closed",
                "the library gives its locks back before it closes; files that other programs lock and close stay busy, and are not migrated, until those programs end");
    }

    private static async Task<bool> IsFreeAsync(PartyFile here, Examination x, CancellationToken cancellationToken)
    {
        LockResult answer = await here.TryLockAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await here.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        return answer.IsGranted;
    }
}
