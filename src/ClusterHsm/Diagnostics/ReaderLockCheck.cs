using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What locks a handle for reading can take: shared ones, by which nodes live, and no exclusive ones, which make a migrator.</summary>
internal sealed class ReaderLockCheck : DoctorCheck
{
    public static readonly DoctorQuestion Shared = new("locks.reader-shared",
        "a handle for reading can take a shared lock", DoctorNeed.Migration);

    public static readonly DoctorQuestion Exclusive = new("locks.reader-exclusive",
        "a handle for reading cannot take an exclusive lock", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Shared, Exclusive];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        await x.OpenPairAsync("reader", cancellationToken).ConfigureAwait(false);
        (LockResult shared, LockResult exclusive) = await TryAsync(x, x.Here, cancellationToken).ConfigureAwait(false);
        (LockResult sharedThere, LockResult exclusiveThere) = await TryAsync(x, x.There, cancellationToken).ConfigureAwait(false);

        bool granted = shared.IsGranted && sharedThere.IsGranted;
        x.Decide(Shared, granted, granted ? "granted on both sides" : $"{Words.Answer(shared)} here, {Words.Answer(sharedThere)} there",
            "nodes cannot ask for the signal, and strict reads cannot lock their files: the library cannot work here");
        bool refused = !exclusive.IsGranted && !exclusiveThere.IsGranted;
        x.Decide(Exclusive, refused, refused ? $"{Words.Answer(exclusive)} on a handle for reading" : $"{Words.Answer(exclusive)} here, {Words.Answer(exclusiveThere)} there",
            "write permission does not make a migrator here: whoever may read signal can hold it, and so keep all nodes strict and all migrators out. Let only those read .clusterhsm who are trusted with that");
    }

    private static async Task<(LockResult Shared, LockResult Exclusive)> TryAsync(Examination x, Party party, CancellationToken cancellationToken)
    {
        LockRange slot = new(x.Slots.Offset, 1);
        PartyFile file = await party.OpenAsync(x.PathOf("reader"), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        LockResult shared = await file.TryLockAsync(x.Slots, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await file.UnlockAsync(x.Slots, cancellationToken).ConfigureAwait(false);
        LockResult exclusive = await file.TryLockAsync(slot, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await file.UnlockAsync(slot, cancellationToken).ConfigureAwait(false);
        return (shared, exclusive);
    }
}
