using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Kills a partner that holds locks, and waits until they are free.</summary>
internal sealed class KilledPartnerCheck : DoctorCheck
{
    public static readonly DoctorQuestion Freed = new("locks.killed", "locks of a killed process are freed", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Freed];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile here = await x.Here.OpenAsync(x.PathOf("killed"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        Party victim = await PartnerStart.StartAsync(x.Options, cancellationToken).ConfigureAwait(false);
        await using (victim.ConfigureAwait(false))
        {
            PartyFile there = await victim.OpenAsync(x.PathOf("killed"), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false);
            LockResult slots = await there.TryLockAsync(x.Slots, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
            LockResult hsm = await there.TryLockAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
            if (!slots.IsGranted || !hsm.IsGranted || await GrantedHereAsync(here, x, cancellationToken).ConfigureAwait(false))
            {
                x.CouldNotTell(Freed, "the partner's locks were not granted, or were not seen here while it lived");
                return;
            }
            await victim.KillAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan? after = await x.WaitUntilAsync(() => GrantedHereAsync(here, x, cancellationToken), x.Options.Patience, cancellationToken).ConfigureAwait(false);
            if (after is { } time)
                x.Holds(Freed, $"free {Words.Span(time)} after the process was killed");
            else
                x.DoesNotHold(Freed, $"still held {Words.Span(x.Options.Patience)} after the process was killed",
                    "a node that dies stands in the way of migrations until the server forgets it: such a migration can only go on by the lease alone (HandoverOptions.ProceedOnLeaseAlone)");
        }
    }

    private static async Task<bool> GrantedHereAsync(PartyFile here, Examination x, CancellationToken cancellationToken)
    {
        LockResult slots = await here.TryLockAsync(x.Slots, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult hsm = await here.TryLockAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await here.UnlockAsync(x.Slots, cancellationToken).ConfigureAwait(false);
        await here.UnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        return slots.IsGranted && hsm.IsGranted;
    }
}
