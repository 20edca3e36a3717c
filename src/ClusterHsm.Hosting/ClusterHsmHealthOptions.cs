namespace ClusterHsm.Hosting;

/// <summary>When the health of volumes is what.</summary>
public sealed class ClusterHsmHealthOptions
{
    /// <summary>How long a node may be strict before that is <em>degraded</em>; a migration keeps it strict for as long as it releases.</summary>
    /// <value>1 minute by default; by the shard's clock.</value>
    public TimeSpan StrictForTooLong { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The volumes that are looked at.</summary>
    /// <value>Empty by default: all of them.</value>
    public ICollection<string> Volumes { get; } = [];
}
