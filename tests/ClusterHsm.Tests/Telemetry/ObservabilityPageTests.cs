using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using ClusterHsm.Hosting;
using ClusterHsm.Telemetry;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace ClusterHsm.Tests.Telemetry;

public sealed class ObservabilityPageTests
{
    private static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Event)> LogEvents =>
        from assembly in new[] { typeof(HsmVolume).Assembly, typeof(IHsmVolumes).Assembly }
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        select (method, attribute);

    [Test]
    public void The_page_names_every_instrument_with_its_kind_unit_and_meaning_and_no_other()
    {
        RuntimeHelpers.RunClassConstructor(typeof(ShardInstruments).TypeHandle);
        using TelemetryRecorder recorder = new("nowhere");

        recorder.Instruments.Select(static one => (one.Name, Kind(one), one.Unit, one.Description)).Should().BeEquivalentTo(
            ObservabilityPage.Instruments.Select(static row => (ObservabilityPage.Name(row[0]), row[1], (string?)ObservabilityPage.Name(row[2]), (string?)row[4])));
    }

    [Test]
    public void The_page_names_the_meter_and_the_source_of_activities() =>
        Documentation.Page.Of("docs/observability.md").Spans.Should().Contain(
        [
            $".AddMeter(\"{HsmTelemetry.MeterName}\")", $"dotnet-counters monitor --counters {HsmTelemetry.MeterName}", $".AddSource(\"{HsmTelemetry.ActivitySourceName}\")",
        ]);

    [Test]
    public void The_page_names_every_log_event_with_its_level_and_message_and_no_other() =>
        LogEvents.Select(static one => (one.Event.EventId, one.Method.Name, one.Event.Level.ToString(), one.Event.Message)).Should().BeEquivalentTo(
            ObservabilityPage.LogEvents.Select(static row => (int.Parse(row[0]), ObservabilityPage.Name(row[1]), row[2], ObservabilityPage.Name(row[3]))));

    [Test]
    public void Every_log_event_has_an_id_of_its_own_in_the_range_of_its_layer()
    {
        LogEvents.Select(static one => one.Event.EventId).Should().OnlyHaveUniqueItems();
        LogEvents.Select(static one => (one.Method.DeclaringType!.Name, one.Event.EventId / 1000)).Distinct().Should().BeEquivalentTo(
            [("CoordinationLog", 1), ("MigrationLog", 2), ("VolumeLog", 3), ("HostingLog", 4)]);
    }

    private static string Kind(Instrument instrument)
    {
        string type = instrument.GetType().Name;
        return type.Contains("UpDownCounter", StringComparison.Ordinal) ? "up-down counter"
            : type.Contains("Counter", StringComparison.Ordinal) ? "counter"
            : type.Contains("Gauge", StringComparison.Ordinal) ? "gauge"
            : type.Contains("Histogram", StringComparison.Ordinal) ? "histogram"
            : type;
    }
}
