using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether flock, by which programs keep each other out of a file, is seen by the other side. The library takes none.</summary>
internal sealed class FlockReachCheck : DoctorCheck
{
    public static readonly DoctorQuestion Reach = new("locks.flock-reach",
        "a flock of one side is seen by the other", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Reach];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        (PartyFile here, PartyFile there) = await x.OpenPairAsync("flock-reach", cancellationToken).ConfigureAwait(false);
        LockResult free = await here.TryFlockAsync(LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await here.UnflockAsync(cancellationToken).ConfigureAwait(false);
        if (!free.IsGranted)
        {
            x.CouldNotTell(Reach, $"a flock that nobody else holds was {Words.Answer(free)} here");
            return;
        }
        string? fault = await FindFaultAsync(here, there, cancellationToken).ConfigureAwait(false)
            ?? await FindFaultAsync(there, here, cancellationToken).ConfigureAwait(false);
        x.Decide(Reach, fault is null, fault ?? "refused both ways while it was held exclusively, granted after; shared ones coexist",
            "no harm to the library, which takes none; programs that rely on it (.NET's File.Open and FileShare for one) do not keep those on other computers out");
    }

    private static async Task<string?> FindFaultAsync(PartyFile holder, PartyFile asker, CancellationToken cancellationToken)
    {
        LockResult held = await holder.TryFlockAsync(LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult during = await asker.TryFlockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await asker.UnflockAsync(cancellationToken).ConfigureAwait(false);
        await holder.UnflockAsync(cancellationToken).ConfigureAwait(false);
        LockResult after = await asker.TryFlockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
        LockResult beside = await holder.TryFlockAsync(LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await holder.UnflockAsync(cancellationToken).ConfigureAwait(false);
        await asker.UnflockAsync(cancellationToken).ConfigureAwait(false);
        return !held.IsGranted ? $"an exclusive flock that nobody else holds was {Words.Answer(held)}"
            : during.Status != LockStatus.Denied ? $"while one side held it exclusively, the other side's shared flock was {Words.Answer(during)}"
            : !after.IsGranted ? $"after it was given back, a shared flock was still {Words.Answer(after)}"
            : !beside.IsGranted ? $"a shared flock beside another was {Words.Answer(beside)}" : null;
    }
}
