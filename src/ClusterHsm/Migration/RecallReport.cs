using System.Diagnostics;
using ClusterHsm.Telemetry;

namespace ClusterHsm.Migration;

/// <summary>Tells of one recall, however it ends.</summary>
internal static class RecallReport
{
    /// <param name="context">Whose log, metrics and activities are told.</param>
    /// <param name="path">The file, relative to the root.</param>
    /// <param name="recall">What is told of.</param>
    /// <returns>What the recall returns: bytes transferred.</returns>
    public static async Task<long> RunAsync(MigrationContext context, string path, Func<Task<long>> recall)
    {
        TimeProvider clock = context.Shard.Clock;
        long begunAt = clock.GetTimestamp();
        using Activity? activity = context.Telemetry.Start("clusterhsm.recall");
        activity?.SetTag("clusterhsm.path", path);
        try
        {
            long bytes = await recall().ConfigureAwait(false);
            TimeSpan duration = clock.GetElapsedTime(begunAt);
            activity?.SetTag("clusterhsm.bytes", bytes);
            context.Telemetry.Recalled(bytes, duration);
            if (bytes > 0)
                context.Logger.FileRecalled(context.Display(path), bytes, duration);
            return bytes;
        }
        catch (Exception failure)
        {
            context.Telemetry.RecallFailed(failure, clock.GetElapsedTime(begunAt));
            ShardTelemetry.Fail(activity, failure);
            if (failure is not OperationCanceledException)
                context.Logger.RecallFailed(failure.Message);
            throw;
        }
    }
}
