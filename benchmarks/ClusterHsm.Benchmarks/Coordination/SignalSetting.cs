using ClusterHsm.Coordination;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>What a cluster is made of: how many nodes, how they ask, how far the lock server is.</summary>
internal sealed record SignalSetting(int Nodes, TimeSpan RoundTrip, SignalFileOptions Options)
{
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan Margin { get; init; } = TimeSpan.FromMilliseconds(200);

    public HandoverOptions Handover { get; init; } = new();

    /// <summary>The mean number of nodes that hold the signal at an instant.</summary>
    public double Holders => Options.Request == SignalRequest.Query
        ? 0
        : Nodes * RoundTrip.TotalSeconds / (Math.Min(Options.PollInterval.TotalSeconds, Lease.TotalSeconds / 3) + PollDuration.TotalSeconds);

    /// <summary>Two looks at names, lock and unlock.</summary>
    public TimeSpan PollDuration => RoundTrip * (Options.Request == SignalRequest.Query ? 3 : 4);
}

/// <summary>What was seen of the handovers in a setting.</summary>
internal sealed class SignalFigures
{
    /// <summary>From the beginning to the grant of the signal, and to the end.</summary>
    public List<(TimeSpan Signal, TimeSpan Whole)> Handovers { get; } = [];

    /// <summary>How many handovers had no signal within the timeout.</summary>
    public int Starved { get; set; }

    /// <summary>At the server, on the signal and the quiesce file, while no migrator is at work.</summary>
    public double LockCallsPerSecond { get; set; }

    public static TimeSpan Percentile(IEnumerable<TimeSpan> values, double share)
    {
        TimeSpan[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? default : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
