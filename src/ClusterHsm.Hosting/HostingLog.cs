using Microsoft.Extensions.Logging;

namespace ClusterHsm.Hosting;

/// <summary>The log messages of this layer. Event ids 4000 to 4099 are its own and stay.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(4000, LogLevel.Error, "Volume {Name} is not open and will be tried again every {Interval}: {Explanation}")]
    public static partial void VolumeNotOpen(this ILogger logger, string name, TimeSpan interval, string explanation);

    [LoggerMessage(4001, LogLevel.Information, "Volume {Name} is open now.")]
    public static partial void VolumeOpenAtLast(this ILogger logger, string name);
}
