using Microsoft.Extensions.Logging;

namespace ClusterHsm.Coordination;

/// <summary>The log messages of this layer. Event ids 1000 to 1099 are its own and stay.</summary>
internal static partial class CoordinationLog
{
    [LoggerMessage(1000, LogLevel.Information, "{Root}: relaxed: {Explanation}.")]
    public static partial void NodeIsRelaxed(this ILogger logger, string root, string explanation);

    [LoggerMessage(1001, LogLevel.Information, "{Root}: strict ({Reason}): {Explanation}.")]
    public static partial void NodeIsStrict(this ILogger logger, string root, ModeReason reason, string explanation);

    [LoggerMessage(1002, LogLevel.Warning, "{Root}: strict ({Reason}): {Explanation}.")]
    public static partial void NodeIsStrictByFault(this ILogger logger, string root, ModeReason reason, string explanation);

    [LoggerMessage(1003, LogLevel.Error, "{Root}: a handler of ModeChanged threw an exception.")]
    public static partial void ModeHandlerFailed(this ILogger logger, Exception failure, string root);

    [LoggerMessage(1004, LogLevel.Warning, "{Root}: other nodes cannot see this one: {Explanation}.")]
    public static partial void NoPresence(this ILogger logger, string root, string explanation);

    [LoggerMessage(1005, LogLevel.Warning, "{Root}: the monitor's thread hangs in the file system and was left behind.")]
    public static partial void MonitorAbandoned(this ILogger logger, string root);

    [LoggerMessage(1006, LogLevel.Warning,
        "{Root}: this node asks for the signal by LockAndUnlock and not by Query, because a question on {FileSystemType} is not known to be answered with every node's locks; prove it with 'clusterhsm doctor' between two clients and record it in shard.json as \"queriesProven\": true.")]
    public static partial void QueriesNotProven(this ILogger logger, string root, string fileSystemType);

    [LoggerMessage(1010, LogLevel.Information, "{Root}: a handover has begun in slot {Slot} after {Wait}.")]
    public static partial void HandoverBegun(this ILogger logger, string root, int slot, TimeSpan wait);

    [LoggerMessage(1011, LogLevel.Warning, "{Root}: the handover goes on by the lease alone; still relaxed: {Nodes}.")]
    public static partial void HandoverByLeaseAlone(this ILogger logger, string root, string nodes);

    [LoggerMessage(1012, LogLevel.Warning, "{Root}: the handover is over: {Explanation}.")]
    public static partial void HandoverLost(this ILogger logger, string root, string explanation);
}
