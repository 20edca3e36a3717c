using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether the kernel holds other openers of a file back while it is released.</summary>
internal sealed class OpenerCheck : DoctorCheck
{
    public static readonly DoctorQuestion Excluded = new("openers.excluded",
        "other programs on this computer can be held back during a release (kernel lease)", DoctorNeed.Nothing);

    private const string WithoutLease =
        "a program on this computer that does not use the library can write in the instant between the last look and the release, as one on another computer always can";

    public override IReadOnlyList<DoctorQuestion> Questions => [Excluded];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        string path = x.PathOf("openers");
        PartyFile here = await x.Here.OpenAsync(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        OpenerExclusion exclusion = await here.TryExcludeOpenersAsync(cancellationToken).ConfigureAwait(false);
        if (exclusion != OpenerExclusion.Excluded)
        {
            x.DoesNotHold(Excluded, exclusion == OpenerExclusion.NotSupported ? "this file system has no leases, or this user may take none"
                : "the kernel says that others have a file open that nobody else knows", WithoutLease);
            return;
        }
        ShardError refused = await OpenThereAsync(x, path, cancellationToken).ConfigureAwait(false);
        await here.AdmitOpenersAsync(cancellationToken).ConfigureAwait(false);
        ShardError admitted = await OpenThereAsync(x, path, cancellationToken).ConfigureAwait(false);
        if (admitted != ShardError.None)
            x.DoesNotHold(Excluded, $"the file could not be opened there after the lease was given back: {admitted}", "files may stay busy after a release");
        else if (refused == ShardError.Busy)
            x.Holds(Excluded, "an open there was refused while the lease was held, and granted after");
        else if (x.PartnerIsAnotherClient)
            x.Holds(Excluded, "a lease was granted; it does not reach the other mount, as on another computer", "writes by programs without the library on other computers are noticed only before the release");
        else
            x.DoesNotHold(Excluded, "a lease was granted, and the file was opened there all the same", WithoutLease);
    }

    private static async Task<ShardError> OpenThereAsync(Examination x, string path, CancellationToken cancellationToken)
    {
        try
        {
            await x.There.OpenAsync(path, ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
            return ShardError.None;
        }
        catch (PartyFailedException failure) when (failure.Error != ShardError.None)
        {
            return failure.Error;
        }
    }
}
