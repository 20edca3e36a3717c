using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterHsm.Telemetry;

/// <summary>Every instrument of the meter. Names and units follow OpenTelemetry's conventions; they are promises and stay.</summary>
internal static class ShardInstruments
{
    public static readonly ActivitySource Activities = new(HsmTelemetry.ActivitySourceName, HsmTelemetry.Version);

    private static readonly Meter Meter = new(HsmTelemetry.MeterName, HsmTelemetry.Version);

    // Seconds: from a lock that is had at once to a recall from tape.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    };

    public static readonly Histogram<double> StrictWait =
        Meter.CreateHistogram("clusterhsm.strict.wait.duration", "s", "Time that an access in strict mode waited for its file's lock.", null, Seconds);

    public static readonly Counter<long> Recalls =
        Meter.CreateCounter<long>("clusterhsm.recall.files", "{file}", "Files that this process has recalled.");

    public static readonly Counter<long> RecallBytes =
        Meter.CreateCounter<long>("clusterhsm.recall.io", "By", "Bytes that these recalls have transferred.");

    public static readonly Histogram<double> RecallDuration = Meter.CreateHistogram(
        "clusterhsm.recall.duration", "s", "Time of one recall, the wait for its turn and for the file's lock included.", null, Seconds);

    public static readonly Counter<long> Archives =
        Meter.CreateCounter<long>("clusterhsm.archive.files", "{file}", "Files copied to secondary storage.");

    public static readonly Counter<long> ArchiveBytes =
        Meter.CreateCounter<long>("clusterhsm.archive.io", "By", "Bytes of these files.");

    public static readonly Counter<long> Releases =
        Meter.CreateCounter<long>("clusterhsm.release.files", "{file}", "Files turned into stubs.");

    public static readonly Counter<long> ReleaseBytes =
        Meter.CreateCounter<long>("clusterhsm.release.io", "By", "Bytes of data taken off the shard.");

    public static readonly Counter<long> Busy =
        Meter.CreateCounter<long>("clusterhsm.busy.files", "{file}", "Files that a migration passed over because they were in use.");

    public static readonly Counter<long> Errors =
        Meter.CreateCounter<long>("clusterhsm.errors", "{error}", "Failures that callers were told of.");

    public static readonly Histogram<double> HandoverWait =
        Meter.CreateHistogram("clusterhsm.handover.duration", "s", "Time from the request for a handover until files may be released.", null, Seconds);

    static ShardInstruments()
    {
        Counter("clusterhsm.cache.hits", "{open}", "Opens of files that the cache knew as regular.", static one => one.CacheHits);
        Counter("clusterhsm.cache.misses", "{open}", "Opens in relaxed mode that had to look at the mark.", static one => one.CacheMisses);
        Counter("clusterhsm.cache.inserts", "{inode}", "Inodes that were seen to be regular and remembered.", static one => one.CacheInserts);
        Counter("clusterhsm.cache.clears", "{clear}", "Times that the cache was emptied: a new epoch began.", static one => one.CacheClears);
        Counter("clusterhsm.strict.looks", "{look}", "Times that a file was locked and looked at.", static one => one.StrictLooks);
        Counter("clusterhsm.read_through.reads", "{read}", "Reads served from secondary storage that left the stub a stub.", static one => one.ReadThroughs);
        Counter("clusterhsm.node.mode.changes", "{change}", "Changes from one mode to the other.", static one => one.ModeChanges);

        Meter.CreateObservableCounter("clusterhsm.node.polls", static () => Each(static (root, one) =>
            new[] { Tagged(one.PollsGranted, root, "clusterhsm.poll.result", "granted"), Tagged(one.PollsRefused, root, "clusterhsm.poll.result", "refused") }),
            "{poll}", "Polls of the signal file that were answered.");
        Meter.CreateObservableUpDownCounter("clusterhsm.node.mode", static () => Each(static (root, one) =>
            new[] { Tagged(one.RelaxedNodes, root, "clusterhsm.mode", "relaxed"), Tagged(one.StrictNodes, root, "clusterhsm.mode", "strict") }),
            "{node}", "Nodes of this process in each mode: one for each volume that is open.");
        Meter.CreateObservableGauge("clusterhsm.node.lease.remaining", static () => Each(static (root, one) =>
            one.LeaseRemaining is { } left ? new[] { Tagged(left.TotalSeconds, root) } : []),
            "s", "How much longer relaxed work is allowed if no further poll is granted; 0 in strict mode.");
        Meter.CreateObservableUpDownCounter("clusterhsm.open.files", static () => Each(static (root, one) => new[] { Tagged(one.OpenFiles, root) }),
            "{file}", "Files that are open through the library, and calls that run.");
    }

    /// <summary>So that a listener hears of the instruments as soon as there is a volume.</summary>
    public static void EnsureCreated() => _ = Meter;

    private static void Counter(string name, string unit, string description, Func<VolumeReading, long> value) =>
        Meter.CreateObservableCounter(name, () => Each((root, one) => new[] { Tagged(value(one), root) }), unit, description);

    private static IEnumerable<Measurement<T>> Each<T>(Func<string, VolumeReading, Measurement<T>[]> measure) where T : struct =>
        ObservedVolumes.Read().SelectMany(one => measure(one.Root, one.Reading));

    private static Measurement<T> Tagged<T>(T value, string root) where T : struct =>
        new(value, new KeyValuePair<string, object?>(HsmTelemetry.ShardTag, root));

    private static Measurement<T> Tagged<T>(T value, string root, string tag, string tagValue) where T : struct =>
        new(value, new KeyValuePair<string, object?>(HsmTelemetry.ShardTag, root), new KeyValuePair<string, object?>(tag, tagValue));
}
