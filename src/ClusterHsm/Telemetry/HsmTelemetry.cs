namespace ClusterHsm.Telemetry;

/// <summary>What a program names to have what ClusterHsm measures and traces; <c>docs/observability.md</c> lists it all.</summary>
public static class HsmTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "ClusterHsm";

    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string ActivitySourceName = "ClusterHsm";

    /// <summary>The tag of every measurement and activity: the root of the shard.</summary>
    internal const string ShardTag = "clusterhsm.shard";

    /// <summary>What failed: the name of an <see cref="HsmError"/>, or the type of an exception that has none.</summary>
    internal const string ErrorTag = "error.type";

    internal static string? Version { get; } = typeof(HsmTelemetry).Assembly.GetName().Version?.ToString(3);
}
