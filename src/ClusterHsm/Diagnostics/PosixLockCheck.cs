using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether POSIX record locks of one side are seen by the other, as such and by the library's own locks, where those are others.</summary>
/// <remarks>A node whose kernel has no open-file-description locks takes these, beside nodes that have them.</remarks>
internal sealed class PosixLockCheck : DoctorCheck
{
    public static readonly DoctorQuestion Reach = new("locks.posix",
        "POSIX record locks of one side are seen by the other, and by the library's own locks", DoctorNeed.Nothing);

    private const string Follows =
        "nodes whose kernel has only these (gVisor, WSL 1, Linux before 3.15) must not be on this shard beside others; programs that lock ranges with fcntl or lockf do not keep those on other computers out";

    public override IReadOnlyList<DoctorQuestion> Questions => [Reach];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        if (x.Shard.Capabilities.LockDriver == LockDriver.ProcessOwned)
        {
            bool hold = LockChecks.All.All(question => x.Has(question, DoctorVerdict.Holds));
            x.Decide(Reach, hold, "they are the library's own here: what was said of its locks is said of them", Follows);
            return;
        }
        (PartyFile here, PartyFile there) = await x.OpenPairAsync("posix", cancellationToken).ConfigureAwait(false);
        LockResult free = await here.TryPosixLockAsync(x.HsmLock, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        await here.PosixUnlockAsync(x.HsmLock, cancellationToken).ConfigureAwait(false);
        if (!free.IsGranted)
        {
            x.CouldNotTell(Reach, $"a POSIX lock that nobody else holds was {Words.Answer(free)} here");
            return;
        }
        string? fault = await FindFaultAsync(here, there, x.HsmLock, cancellationToken).ConfigureAwait(false)
            ?? await FindFaultAsync(there, here, x.HsmLock, cancellationToken).ConfigureAwait(false);
        x.Decide(Reach, fault is null, fault ?? "both kinds were refused both ways while one was held exclusively, and granted after", Follows);
    }

    private static async Task<string?> FindFaultAsync(PartyFile holder, PartyFile asker, LockRange range, CancellationToken cancellationToken)
    {
        LockResult held = await holder.TryPosixLockAsync(range, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult posix = await asker.TryPosixLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await asker.PosixUnlockAsync(range, cancellationToken).ConfigureAwait(false);
        LockResult own = await asker.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await asker.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        await holder.PosixUnlockAsync(range, cancellationToken).ConfigureAwait(false);
        LockResult after = await asker.TryPosixLockAsync(range, LockKind.Exclusive, cancellationToken).ConfigureAwait(false);
        LockResult turned = await holder.TryLockAsync(range, LockKind.Shared, cancellationToken).ConfigureAwait(false);
        await holder.UnlockAsync(range, cancellationToken).ConfigureAwait(false);
        await asker.PosixUnlockAsync(range, cancellationToken).ConfigureAwait(false);
        return !held.IsGranted ? $"an exclusive POSIX lock that nobody else holds was {Words.Answer(held)}"
            : posix.Status != LockStatus.Denied ? $"while one side held a POSIX lock, the other side's POSIX lock was {Words.Answer(posix)}"
            : own.Status != LockStatus.Denied || turned.Status != LockStatus.Denied
                ? $"while one side held a POSIX lock, the library's own lock on the other was {Words.Answer(own.Status != LockStatus.Denied ? own : turned)}"
            : !after.IsGranted ? $"after it was given back, a POSIX lock was still {Words.Answer(after)}" : null;
    }
}
