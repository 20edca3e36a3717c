using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Locks of the two sides against each other, in the ranges that the library uses.</summary>
internal sealed class LockChecks : DoctorCheck
{
    public static readonly DoctorQuestion ExclusiveHere = new("locks.exclusive-here",
        "an exclusive lock taken here is refused there", DoctorNeed.Migration);

    public static readonly DoctorQuestion ExclusiveThere = new("locks.exclusive-there",
        "an exclusive lock taken there is refused here", DoctorNeed.Migration);

    public static readonly DoctorQuestion Shared = new("locks.shared", "shared locks coexist", DoctorNeed.Migration);

    public static readonly DoctorQuestion Slots = new("locks.slots", "locks on different bytes coexist", DoctorNeed.Migration);

    public static readonly DoctorQuestion HsmOffset = new("locks.hsm-offset", "the same at the offset of the HSM lock", DoctorNeed.Migration);

    /// <summary>Those that must hold for any lock to mean anything.</summary>
    public static readonly IReadOnlyList<DoctorQuestion> All = [ExclusiveHere, ExclusiveThere, Shared, Slots, HsmOffset];

    private const string NotSeen =
        "locks of one computer are not seen by the other: nodes stay strict, no migration is safe, and the library refuses it. Use a cluster-wide lock manager or another file system, or mount it with cluster-wide byte-range locks";

    public override IReadOnlyList<DoctorQuestion> Questions => All;

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        (PartyFile here, PartyFile there) = await x.OpenPairAsync("locks", cancellationToken).ConfigureAwait(false);
        string? fault = await FindExclusiveFaultAsync(here, there, x.Slots, cancellationToken).ConfigureAwait(false);
        x.Decide(ExclusiveHere, fault is null, fault ?? $"refused, and granted once it was given back ({Driver(x)})", NotSeen);
        fault = await FindExclusiveFaultAsync(there, here, x.Slots, cancellationToken).ConfigureAwait(false);
        x.Decide(ExclusiveThere, fault is null, fault ?? "refused, and granted once it was given back", NotSeen);
        fault = await FindSharedFaultAsync(here, there, x.Slots, cancellationToken).ConfigureAwait(false);
        x.Decide(Shared, fault is null, fault ?? "granted on both sides",
            "one node keeps the others from every file and from the signal; the library cannot work here");
        fault = await FindSlotFaultAsync(here, there, cancellationToken).ConfigureAwait(false);
        x.Decide(Slots, fault is null, fault ?? "two bytes next to each other were locked exclusively, one here, one there",
            "two migrators cannot work at once, and locks on files may get in each other's way");
        fault = await FindExclusiveFaultAsync(here, there, x.HsmLock, cancellationToken).ConfigureAwait(false)
            ?? await FindExclusiveFaultAsync(there, here, x.HsmLock, cancellationToken).ConfigureAwait(false)
            ?? await FindSharedFaultAsync(here, there, x.HsmLock, cancellationToken).ConfigureAwait(false);
        x.Decide(HsmOffset, fault is null, fault ?? $"at byte {x.HsmLock.Offset} exclusive locks are refused both ways and shared ones coexist",
            "the locks on data files do not protect them: no migration is safe. If low offsets work, a new shard with a smaller \"fileLockOffset\" may");
    }

    private static string Driver(Examination x) => x.Shard.Capabilities.LockDriver switch
    {
        LockDriver.OpenFileDescription => "open-file-description locks",
        LockDriver.ProcessOwned => "POSIX record locks, owned by the process",
        LockDriver driver => driver.ToString(),
    };

    /// <summary>One byte exclusively, as a migrator does, against the whole range shared, as a node does.</summary>
    private static async Task<string?> FindExclusiveFaultAsync(PartyFile holder, PartyFile asker, LockRange range, CancellationToken cancellationToken)
    {
        LockRange slot = new(range.Offset + range.Length / 2, 1);
        LockResult held = await holder.TryLockAsync(slot, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        if (!held.IsGranted)
            return $"an exclusive lock that nobody else holds was {Words.Answer(held)}";
        LockResult shared = await asker.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        LockResult exclusive = await asker.TryLockAsync(slot, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await asker.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        await holder.UnlockAsync(slot, cancellationToken).ConfigureAwait(false);
        LockResult after = await asker.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await asker.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        if (shared.Status != LockStatus.Denied || exclusive.Status != LockStatus.Denied)
            return $"while one side held it exclusively, the other side's shared lock was {Words.Answer(shared)} and its exclusive one {Words.Answer(exclusive)}";
        return after.IsGranted ? null : $"after it was given back, a shared lock was still {Words.Answer(after)}";
    }

    private static async Task<string?> FindSharedFaultAsync(PartyFile here, PartyFile there, LockRange range, CancellationToken cancellationToken)
    {
        LockResult first = await here.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        LockResult second = await there.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await here.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        await there.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        return first.IsGranted && second.IsGranted ? null : $"the first shared lock was {Words.Answer(first)}, the second {Words.Answer(second)}";
    }

    private static async Task<string?> FindSlotFaultAsync(PartyFile here, PartyFile there, CancellationToken cancellationToken)
    {
        LockRange mine = new(0, 1), theirs = new(1, 1);
        LockResult first = await here.TryLockAsync(mine, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult second = await there.TryLockAsync(theirs, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await here.UnlockAsync(mine, cancellationToken).ConfigureAwait(false);
        await there.UnlockAsync(theirs, cancellationToken).ConfigureAwait(false);
        return first.IsGranted && second.IsGranted ? null : $"the first exclusive lock was {Words.Answer(first)}, the second, on the next byte, {Words.Answer(second)}";
    }
}
