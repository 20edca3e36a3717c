namespace ClusterHsm.Diagnostics;

/// <summary>The shard's lease against the patience of the file system's servers.</summary>
internal sealed class LeaseDurationCheck : DoctorCheck
{
    public static readonly DoctorQuestion Lease = new("lease.duration",
        "the lease is shorter than the time after which a silent client loses its locks", DoctorNeed.Migration);

    public override IReadOnlyList<DoctorQuestion> Questions => [Lease];

    public override bool NeedsProbeFiles => false;

    public override Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        string lease = $"the lease is {Words.Span(x.LeaseDuration)}{(x.Descriptor is null ? " by default" : "")}";
        if (SilentClients.Of(x.Shard.Capabilities.FileSystemType) is not { } known)
        {
            string seen = $"{lease}; nothing is known of {x.Shard.Capabilities.FileSystemType}, and the shortest time known of others is {Words.Span(SilentClients.Shortest)}";
            x.Decide(Lease, x.LeaseDuration < SilentClients.Shortest, seen, "find out how long the server waits for a silent client, and keep \"leaseMilliseconds\" below it");
        }
        else
        {
            x.Decide(Lease, SilentClients.HasOneComputer(x.Shard.Capabilities.FileSystemType) || x.LeaseDuration < known.Time, $"{lease}; {known.Words}",
                "a node that is cut off can trust a lock that another has got: lower \"leaseMilliseconds\" in shard.json while nobody is on the shard");
        }
        return Task.CompletedTask;
    }
}
