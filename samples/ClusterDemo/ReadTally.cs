using System.Diagnostics;

namespace ClusterHsm.ClusterDemo;

/// <summary>
/// What a node's reads were. Each is counted once: the cache knew the file, or it was looked at without a lock, or it was locked and
/// looked at. Not thread-safe.
/// </summary>
internal struct ReadTally
{
    /// <summary>A read that took longer was interrupted by a pause or waited for another node; it says nothing of the speed.</summary>
    public const int LongestTimedMilliseconds = 250;

    private long _hits, _misses, _strict;
    private long _timedRelaxed, _timedStrict, _withRecall, _slow;
    private long _relaxedTicks, _strictTicks, _recallTicks, _slowTicks;

    /// <summary>Counts one read by what the volume counted meanwhile.</summary>
    public void Add(HsmVolumeCounters before, HsmVolumeCounters after, long ticks)
    {
        bool isStrict = after.StrictLooks != before.StrictLooks;
        if (isStrict)
            _strict++;
        else if (after.CacheHits != before.CacheHits)
            _hits++;
        else
            _misses++;

        if (after.Recalls != before.Recalls)
            Count(ref _withRecall, ref _recallTicks, ticks);
        else if (Milliseconds(ticks) > LongestTimedMilliseconds)
            Count(ref _slow, ref _slowTicks, ticks);
        else if (isStrict)
            Count(ref _timedStrict, ref _strictTicks, ticks);
        else
            Count(ref _timedRelaxed, ref _relaxedTicks, ticks);
    }

    /// <summary>As a child tells it: <c>key=value</c> pairs.</summary>
    public override readonly string ToString() =>
        $"reads={_hits + _misses + _strict} hits={_hits} misses={_misses} strict={_strict} "
        + $"relaxedTimed={_timedRelaxed} relaxedMs={Milliseconds(_relaxedTicks)} strictTimed={_timedStrict} strictMs={Milliseconds(_strictTicks)} "
        + $"recallTimed={_withRecall} recallMs={Milliseconds(_recallTicks)} slowTimed={_slow} slowMs={Milliseconds(_slowTicks)}";

    private static void Count(ref long reads, ref long sum, long ticks)
    {
        reads++;
        sum += ticks;
    }

    private static long Milliseconds(long ticks) => ticks * 1000 / Stopwatch.Frequency;
}
