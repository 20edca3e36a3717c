using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>
/// The two bytes of the HSM lock as the library uses them: a reader locks both and gives the first back, the gate; a writer that waits
/// holds the gate, so that new readers stay out while those that are in leave.
/// </summary>
internal sealed class GateCheck : DoctorCheck
{
    public static readonly DoctorQuestion Part = new("locks.part",
        "a part of a lock can be given back, and the rest stays", DoctorNeed.Migration);

    public static readonly DoctorQuestion Gate = new("locks.gate",
        "a writer that waits at the gate byte keeps new readers out and gets the lock", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Part, Gate];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Faults one = await FindFaultsAsync(x, "gate.here", x.Here, x.There, cancellationToken).ConfigureAwait(false);
        Faults two = await FindFaultsAsync(x, "gate.there", x.There, x.Here, cancellationToken).ConfigureAwait(false);
        string? part = one.Part ?? two.Part, gate = one.Gate ?? two.Gate;
        x.Decide(Part, part is null, part ?? "the other side got the part, and not the rest",
            "a reader's lock does not protect what it reads: no migration is safe");
        x.Decide(Gate, gate is null, gate ?? "new readers were refused, the one that was in kept its lock, and the writer got it next",
            "readers that follow each other without a gap keep recalls, releases and writers waiting until they time out; nothing is read wrongly");
    }

    private static async Task<Faults> FindFaultsAsync(Examination x, string name, Party reading, Party writing, CancellationToken cancellationToken)
    {
        LockRange both = x.HsmLock, gate = both with { Length = 1 }, rest = new(both.Offset + 1, 1);
        PartyFile writer = await writing.OpenAsync(x.PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        PartyFile reader = await reading.OpenAsync(x.PathOf(name), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        PartyFile next = await reading.OpenAsync(x.PathOf(name), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);

        await reader.TakeAsync(both, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await reader.UnlockAsync(gate, cancellationToken).ConfigureAwait(false);
        LockResult atGate = await writer.TryLockAsync(gate, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult early = await writer.TryLockAsync(rest, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        if (early.IsGranted)
            return new Faults("after the gate was given back, the other side was granted an exclusive lock on the rest, which was still held", null);
        LockResult newcomer = await next.TryLockAsync(both, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await next.UnlockAsync(both, cancellationToken).ConfigureAwait(false);
        LockResult renewed = await reader.TryLockAsync(rest, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await reader.UnlockAsync(rest, cancellationToken).ConfigureAwait(false);
        LockResult entered = await writer.TryLockAsync(both, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult outside = await next.TryLockAsync(both, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await writer.UnlockAsync(both, cancellationToken).ConfigureAwait(false);
        await next.UnlockAsync(both, cancellationToken).ConfigureAwait(false);

        string? part = !renewed.IsGranted ? $"after the gate was given back, the reader's own lock on the rest, taken anew, was {Words.Answer(renewed)}"
            : outside.IsGranted ? "while a writer held both bytes, which it had taken one after the other, a reader was granted them" : null;
        return new Faults(part,
            !atGate.IsGranted ? $"the gate, given back by the reader, was {Words.Answer(atGate)}"
            : newcomer.Status != LockStatus.Denied ? $"while a writer held the gate, a new reader was {Words.Answer(newcomer)}"
            : !entered.IsGranted ? $"after the last reader had left, the writer at the gate was {Words.Answer(entered)}" : null);
    }

    /// <param name="Part">What makes locks worthless.</param>
    /// <param name="Gate">What starves a writer.</param>
    private sealed record Faults(string? Part, string? Gate);
}
