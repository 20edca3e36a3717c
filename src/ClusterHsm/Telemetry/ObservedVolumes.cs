namespace ClusterHsm.Telemetry;

/// <summary>The volumes of this process, by shard: a series is a shard's, however many volumes there are on it.</summary>
/// <remarks>
/// Thread-safe. Volumes are held weakly: one that nobody closes is collected as before, and takes its counts along. What a closed volume
/// has counted stays, so that a counter does not fall.
/// </remarks>
internal static class ObservedVolumes
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Series> Shards = new(StringComparer.Ordinal);

    public static void Add(IObservedVolume volume)
    {
        ShardInstruments.EnsureCreated();
        lock (Gate)
        {
            if (!Shards.TryGetValue(volume.Root, out Series? series))
                Shards[volume.Root] = series = new Series();
            series.Open.RemoveAll(static one => !one.TryGetTarget(out _));
            series.Open.Add(new WeakReference<IObservedVolume>(volume));
        }
    }

    /// <summary>Does nothing the second time.</summary>
    public static void Remove(IObservedVolume volume)
    {
        VolumeReading last = volume.Read().Closed();
        lock (Gate)
        {
            if (Shards.TryGetValue(volume.Root, out Series? series)
                && series.Open.RemoveAll(one => one.TryGetTarget(out IObservedVolume? known) && known == volume) > 0)
                series.Closed = series.Closed.Plus(last);
        }
    }

    public static List<(string Root, VolumeReading Reading)> Read()
    {
        List<(string, VolumeReading, List<IObservedVolume>)> all = [];
        lock (Gate)
        {
            foreach ((string root, Series series) in Shards)
            {
                List<IObservedVolume> open = [];
                foreach (WeakReference<IObservedVolume> one in series.Open)
                {
                    if (one.TryGetTarget(out IObservedVolume? volume))
                        open.Add(volume);
                }
                all.Add((root, series.Closed, open));
            }
        }
        return all.ConvertAll(static one => (one.Item1, one.Item3.Aggregate(one.Item2, static (sum, volume) => sum.Plus(volume.Read()))));
    }

    private sealed class Series
    {
        public VolumeReading Closed { get; set; }

        public List<WeakReference<IObservedVolume>> Open { get; } = [];
    }
}
