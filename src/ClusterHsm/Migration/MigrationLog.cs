using Microsoft.Extensions.Logging;

namespace ClusterHsm.Migration;

/// <summary>The log messages of this layer. Event ids 2000 to 2099 are its own and stay.</summary>
internal static partial class MigrationLog
{
    [LoggerMessage(2000, LogLevel.Information, "{Root}: {Operation}: {Done} files, {Bytes} bytes; {Skipped} passed over, {Failed} failed.")]
    public static partial void OperationDone(this ILogger logger, string root, string operation, long done, long bytes, long skipped, long failed);

    [LoggerMessage(2001, LogLevel.Warning, "{Root}: {Operation}: {Explanation}")]
    public static partial void FileFailed(this ILogger logger, string root, string operation, string explanation);

    [LoggerMessage(2002, LogLevel.Debug, "{Path}: recalled, {Bytes} bytes in {Duration}.")]
    public static partial void FileRecalled(this ILogger logger, string path, long bytes, TimeSpan duration);

    [LoggerMessage(2003, LogLevel.Warning, "Not recalled: {Explanation}")]
    public static partial void RecallFailed(this ILogger logger, string explanation);
}
