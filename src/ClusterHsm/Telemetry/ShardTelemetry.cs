using System.Diagnostics;

namespace ClusterHsm.Telemetry;

/// <summary>Tells the world what is done on one shard. Thread-safe; allocates nothing while nobody listens.</summary>
internal sealed class ShardTelemetry(string root)
{
    private readonly KeyValuePair<string, object?> _shard = new(HsmTelemetry.ShardTag, root);

    /// <summary>Begins an activity; null while nobody listens.</summary>
    public Activity? Start(string name) => ShardInstruments.Activities.StartActivity(name)?.SetTag(HsmTelemetry.ShardTag, root);

    public void Archived(long bytes)
    {
        ShardInstruments.Archives.Add(1, _shard);
        ShardInstruments.ArchiveBytes.Add(bytes, _shard);
    }

    public void Released(long bytes)
    {
        ShardInstruments.Releases.Add(1, _shard);
        ShardInstruments.ReleaseBytes.Add(bytes, _shard);
    }

    /// <param name="bytes">Bytes transferred; 0 if another had done it.</param>
    /// <param name="duration">By the shard's clock.</param>
    public void Recalled(long bytes, TimeSpan duration)
    {
        ShardInstruments.RecallDuration.Record(duration.TotalSeconds, _shard);
        if (bytes == 0)
            return;
        ShardInstruments.Recalls.Add(1, _shard);
        ShardInstruments.RecallBytes.Add(bytes, _shard);
    }

    public void RecallFailed(Exception failure, TimeSpan duration) =>
        ShardInstruments.RecallDuration.Record(duration.TotalSeconds, _shard, Error(failure));

    /// <param name="operation"><c>archive</c> or <c>release</c>.</param>
    public void PassedOver(string operation) => ShardInstruments.Busy.Add(1, _shard, new("clusterhsm.operation", operation));

    public void WaitedForLock(TimeSpan duration) => ShardInstruments.StrictWait.Record(duration.TotalSeconds, _shard);

    public void HandoverBegun(TimeSpan wait) => ShardInstruments.HandoverWait.Record(wait.TotalSeconds, _shard);

    public void HandoverFailed(Exception failure, TimeSpan wait) =>
        ShardInstruments.HandoverWait.Record(wait.TotalSeconds, _shard, Error(failure));

    /// <summary>Counts a failure that a caller is told of, once, however many hands it goes through.</summary>
    public void Count(HsmException failure)
    {
        if (failure.TryCount())
            ShardInstruments.Errors.Add(1, _shard, Error(failure));
    }

    /// <summary>Marks an activity as failed.</summary>
    public static void Fail(Activity? activity, Exception failure) => activity?
        .SetStatus(ActivityStatusCode.Error, failure.Message)
        .SetTag(HsmTelemetry.ErrorTag, NameOf(failure));

    private static KeyValuePair<string, object?> Error(Exception failure) => new(HsmTelemetry.ErrorTag, NameOf(failure));

    private static string NameOf(Exception failure) => (failure as HsmException)?.Error.ToString() ?? failure.GetType().Name;
}
