using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Diagnostics;

/// <summary>The shard's secondary storage: there, the right one, and writable. The trial object is never committed.</summary>
internal sealed class StoreChecks : DoctorCheck
{
    public static readonly DoctorQuestion Reachable = new("store.reachable", "the store can be reached and is the shard's own", DoctorNeed.Operation, HsmError.StoreUnavailable);

    public static readonly DoctorQuestion Writable = new("store.writable", "this user can write to the store", DoctorNeed.Nothing, HsmError.AccessDenied);

    public override IReadOnlyList<DoctorQuestion> Questions => [Reachable, Writable];

    public override bool NeedsProbeFiles => false;

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Uri location = x.Descriptor!.StoreLocation;
        ISecondaryStore store;
        try
        {
            store = SecondaryStores.Open(location);
        }
        catch (HsmException failure)
        {
            x.DoesNotHold(Reachable with { Error = failure.Error }, $"{failure.Path}: {failure.Cause}", failure.Remedy);
            return;
        }
        await using (store.ConfigureAwait(false))
        {
            if (store.Id != x.Descriptor.StoreId)
            {
                x.DoesNotHold(Reachable, $"at {location} there is store {store.Id}, and the shard was made with {x.Descriptor.StoreId}",
                    "mount the right store there; until then no stub can be recalled");
                return;
            }
            x.Holds(Reachable, $"{location}{FreeSpace(location)}");
            try
            {
                IObjectWriter writer = await store.CreateAsync(ObjectKey.New(x.Descriptor.ShardId), 1, cancellationToken).ConfigureAwait(false);
                await using (writer.ConfigureAwait(false))
                    await writer.WriteAsync(new byte[1], cancellationToken).ConfigureAwait(false);
                x.Holds(Writable, "an object was begun and taken back");
            }
            catch (HsmException failure)
            {
                x.DoesNotHold(Writable with { Error = failure.Error }, failure.Cause, $"this user can recall and not archive. {failure.Remedy}");
            }
        }
    }

    private static string FreeSpace(Uri location)
    {
        try
        {
            return string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $", {new DriveInfo(location.LocalPath).AvailableFreeSpace / (double)(1 << 30):0.0} GiB free");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
