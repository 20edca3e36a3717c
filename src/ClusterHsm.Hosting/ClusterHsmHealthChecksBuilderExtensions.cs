using ClusterHsm.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the health of volumes into a host.</summary>
public static class ClusterHsmHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of the volumes of <see cref="IHsmVolumes"/>. Healthy: relaxed, or strict for a short time. Degraded: strict for longer
    /// than <see cref="ClusterHsmHealthOptions.StrictForTooLong"/>. Unhealthy: a volume is not open, its shard is gone, or its file system
    /// has not answered for that long.
    /// </summary>
    /// <remarks>
    /// The data of the result has, by volume: <c>&lt;name&gt;.mode</c>, <c>.reason</c>, <c>.epoch</c>, <c>.timeInMode</c>,
    /// <c>.leaseRemaining</c>, and <c>.lastError</c> if there was one.
    /// </remarks>
    /// <param name="builder">What <c>AddHealthChecks</c> gives.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="configure">Sets when health is what, and which volumes are looked at.</param>
    /// <param name="failureStatus">What <em>unhealthy</em> is told as; null for unhealthy.</param>
    /// <param name="tags">The tags of the check.</param>
    public static IHealthChecksBuilder AddClusterHsm(
        this IHealthChecksBuilder builder, string name = "clusterhsm", Action<ClusterHsmHealthOptions>? configure = null,
        HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ClusterHsmHealthOptions options = new();
        configure?.Invoke(options);
        return builder.Add(new HealthCheckRegistration(
            name, provider => new VolumeHealthCheck(provider.GetRequiredService<HsmVolumes>(), options), failureStatus, tags));
    }
}
