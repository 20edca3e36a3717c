using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>
/// Whether asking after a lock without taking it is answered with regard to the other side: nodes may poll the signal so
/// (<see cref="Coordination.SignalRequest.Query"/>), and lists of nodes are made so.
/// </summary>
internal sealed class LockQueryCheck : DoctorCheck
{
    public static readonly DoctorQuestion Seen = new("locks.query",
        "a query sees an exclusive lock of the other side", DoctorNeed.Nothing);

    public static readonly DoctorQuestion Free = new("locks.query-free",
        "a query of bytes that are free, or shared, is granted, and takes nothing", DoctorNeed.Nothing);

    public static readonly DoctorQuestion Far = new("locks.query-far",
        "the same at the offset by which lists of nodes are made", DoctorNeed.Nothing);

    private const string Unsafe =
        "a node that polls by SignalRequest.Query goes on relaxed while files are released, and reads holes: nodes must poll by SignalRequest.LockAndUnlock, the default, and \"queriesProven\" must not stand in shard.json";

    private const string Useless =
        "a node that polls by SignalRequest.Query stays strict for ever: nodes are to poll by SignalRequest.LockAndUnlock, the default";

    private const string WrongLists =
        "'clusterhsm nodes', 'watch' and the error that names who is in a migrator's way can be wrong; nothing is read or written wrongly by that";

    private const string OneMount =
        "poll by SignalRequest.LockAndUnlock, the default, until it is proven with --peer on a second client's mount, or from another computer";

    private const string ToBeRecorded =
        "nodes that are told to poll by SignalRequest.Query do so once shard.json says \"queriesProven\": true, and lock and unlock until then";

    public override IReadOnlyList<DoctorQuestion> Questions => [Seen, Free, Far];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Answers slots = await TryBothWaysAsync(x, "queries", x.Slots, cancellationToken).ConfigureAwait(false);
        Answers far = await TryBothWaysAsync(x, "queries-far", x.HsmLock, cancellationToken).ConfigureAwait(false);

        if (!slots.IsTried)
            x.CouldNotTell(Seen, "there was no exclusive lock to ask about");
        else if (slots.Held is { } held)
            x.DoesNotHold(Seen, $"while one side held it exclusively, the other side's query was {Words.Answer(held)}", held.IsGranted ? Unsafe : Useless);
        else if (x.PartnerIsAnotherClient || SilentClients.HasOneComputer(x.Shard.Capabilities.FileSystemType))
            x.Holds(Seen, "refused, both ways", IsKnown(x) ? "" : ToBeRecorded);
        else
            x.CouldNotTell(Seen, "refused, both ways, but both processes use one mount of this computer, which can answer by itself", OneMount);
        x.Decide(Free, slots.Free is null, slots.Free ?? "granted before, beside a shared lock, and after; a lock there was granted at once", Useless);
        string? fault = far.Held is { } farHeld ? $"while one side held it exclusively, the other side's query was {Words.Answer(farHeld)}" : far.Free;
        x.Decide(Far, fault is null, fault ?? $"at byte {x.HsmLock.Offset} refused while it was held, else granted", WrongLists);
    }

    private static bool IsKnown(Examination x) => x.Shard.Capabilities.QueriesSeeEveryNode || x.Descriptor?.QueriesProven == true;

    private static async Task<Answers> TryBothWaysAsync(Examination x, string name, LockRange range, CancellationToken cancellationToken)
    {
        Answers there = await TryAsync(x, name + ".here", x.Here, x.There, range, cancellationToken).ConfigureAwait(false);
        Answers here = await TryAsync(x, name + ".there", x.There, x.Here, range, cancellationToken).ConfigureAwait(false);
        // The worse of the two: a grant.
        LockResult? held = there.Held is { IsGranted: true } ? there.Held : here.Held ?? there.Held;
        return new Answers(held, there.Free ?? here.Free, there.IsTried && here.IsTried);
    }

    /// <summary>A migrator's byte on one side, a node's question on the other: about the whole range, on a handle for reading.</summary>
    private static async Task<Answers> TryAsync(Examination x, string name, Party holder, Party asker, LockRange range, CancellationToken cancellationToken)
    {
        LockRange slot = new(range.Offset + range.Length / 2, 1);
        PartyFile held = await holder.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        PartyFile asked = await asker.OpenAsync(x.PathOf(name), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        Task<LockResult> Ask() => asked.QueryLockAsync(range, LockKind.Shared, cancellationToken);

        LockResult before = await Ask().ConfigureAwait(false);
        LockResult taken = await held.TryLockAsync(slot, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult during = await Ask().ConfigureAwait(false);
        await held.UnlockAsync(slot, cancellationToken).ConfigureAwait(false);
        LockResult after = await Ask().ConfigureAwait(false);
        await held.TakeAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        LockResult beside = await Ask().ConfigureAwait(false);
        await held.UnlockAsync(range, cancellationToken).ConfigureAwait(false);

        if (!taken.IsGranted)
            return new Answers(null, $"after a query of the other side, an exclusive lock that nobody holds was {Words.Answer(taken)}", IsTried: false);
        string? free = !before.IsGranted ? $"a query of bytes that nobody had locked was {Words.Answer(before)}"
            : !after.IsGranted ? $"after an exclusive lock was given back, a query was still {Words.Answer(after)}"
            : !beside.IsGranted ? $"a query for a shared lock beside another shared one was {Words.Answer(beside)}" : null;
        return new Answers(during.Status == LockStatus.Denied ? null : during, free, IsTried: true);
    }

    /// <param name="Held">The answer about a held byte, if it was not a refusal.</param>
    /// <param name="Free">What was wrong with the answers about bytes that were free.</param>
    /// <param name="IsTried">Whether there was a held byte to ask about.</param>
    private sealed record Answers(LockResult? Held, string? Free, bool IsTried);
}
