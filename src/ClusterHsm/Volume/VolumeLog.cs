using Microsoft.Extensions.Logging;

namespace ClusterHsm;

/// <summary>The log messages of this layer. Event ids 3000 to 3099 are its own and stay.</summary>
internal static partial class VolumeLog
{
    [LoggerMessage(3000, LogLevel.Information, "{Root}: opened; shard {ShardId}, store {Store}.")]
    public static partial void VolumeOpened(this ILogger logger, string root, Guid shardId, Uri store);

    [LoggerMessage(3001, LogLevel.Information, "{Root}: closed.")]
    public static partial void VolumeClosed(this ILogger logger, string root);

    [LoggerMessage(3002, LogLevel.Warning, "{Root}: closed while {Accesses} files and calls were still open.")]
    public static partial void VolumeClosedInUse(this ILogger logger, string root, long accesses);
}
