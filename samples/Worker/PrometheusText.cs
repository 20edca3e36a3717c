using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ClusterHsm.Telemetry;

namespace ClusterHsm.Worker;

/// <summary>
/// What the library measures, in Prometheus' text format, to show what there is. A real service takes an exporter, such as
/// OpenTelemetry's, with <c>AddMeter("ClusterHsm")</c>.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public PrometheusText()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == HsmTelemetry.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        StringBuilder text = new();
        lock (_gate)
        {
            foreach ((string name, Family family) in _families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {family.Kind}\n");
                foreach ((string labels, (double sum, long count)) in family.Series)
                {
                    if (family.Kind == "summary")
                        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {sum}\n{name}_count{labels} {count}\n");
                    else
                        text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {sum}\n");
                }
            }
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        bool isCounter = instrument is Counter<long> or ObservableCounter<long>, isHistogram = instrument is Histogram<double>;
        string name = NameOf(instrument, isCounter);
        string labels = Labels(tags);
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out Family? family))
                _families[name] = family = new Family(isCounter ? "counter" : isHistogram ? "summary" : "gauge", instrument.Description ?? "", new(StringComparer.Ordinal));
            (double sum, long count) = family.Series.GetValueOrDefault(labels);
            family.Series[labels] = instrument.IsObservable ? (value, 1) : (sum + value, count + 1);
        }
    }

    private static string NameOf(Instrument instrument, bool isCounter)
    {
        string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return instrument.Name.Replace('.', '_') + unit + (isCounter ? "_total" : "");
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder text = new();
        foreach ((string key, object? value) in tags)
        {
            string escaped = $"{value}".Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? '{' : ',').Append(key.Replace('.', '_')).Append("=\"").Append(escaped).Append('"');
        }
        return text.Length == 0 ? "" : text.Append('}').ToString();
    }

    private sealed record Family(string Kind, string Help, SortedDictionary<string, (double Sum, long Count)> Series);
}
