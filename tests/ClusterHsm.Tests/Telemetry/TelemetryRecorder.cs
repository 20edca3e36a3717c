using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ClusterHsm.Telemetry;

namespace ClusterHsm.Tests.Telemetry;

/// <summary>Hears what is told of one shard, as an exporter would.</summary>
internal sealed class TelemetryRecorder : IDisposable
{
    private readonly string _root;
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public TelemetryRecorder(string root)
    {
        _root = root;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != HsmTelemetry.MeterName)
                return;
            Instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == HsmTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("clusterhsm.shard"), root))
                    Activities.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public List<Instrument> Instruments { get; } = [];

    public ConcurrentQueue<Activity> Activities { get; } = [];

    public ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> Measurements { get; } = [];

    /// <summary>Asks the observable instruments.</summary>
    public void Collect() => _meters.RecordObservableInstruments();

    /// <summary>The last value told by an observable instrument now, or the sum of what another has told.</summary>
    public double Value(string name, string? tag = null, string? tagValue = null)
    {
        bool isObservable = Instruments.Single(one => one.Name == name).IsObservable;
        if (isObservable)
            Collect();
        IEnumerable<double> values = ToldOf(name, tag, tagValue);
        return isObservable ? values.Last() : values.Sum();
    }

    /// <summary>What an observable instrument tells of several values of a tag, at one moment: by the next they may be others.</summary>
    public double[] Values(string name, string tag, params string[] tagValues)
    {
        Collect();
        return [.. tagValues.Select(value => ToldOf(name, tag, value).Last())];
    }

    private IEnumerable<double> ToldOf(string name, string? tag, string? tagValue) => Measurements
        .Where(one => one.Name == name && (tag is null || Equals(one.Tags.GetValueOrDefault(tag), tagValue)))
        .Select(static one => one.Value);

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> named = new(tags.ToArray());
        if (Equals(named.GetValueOrDefault("clusterhsm.shard"), _root))
            Measurements.Enqueue((instrument.Name, value, named));
    }
}
