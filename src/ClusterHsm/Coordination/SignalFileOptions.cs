using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>How a node polls the signal file.</summary>
public sealed record SignalFileOptions
{
    /// <summary>Shortest poll interval.</summary>
    public static readonly TimeSpan MinPollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Time from the end of one poll to the next, jittered by ±10 %, so that nodes do not poll in step.</summary>
    /// <value>
    /// Default 1 s; at least <see cref="MinPollInterval"/>. An interval above a third of the shard's lease is cut to that, so that one
    /// slow poll does not cost the lease.
    /// </value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the signal file is asked.</summary>
    /// <value>
    /// Default <see cref="SignalRequest.LockAndUnlock"/>. <see cref="SignalRequest.Query"/> is a wish: where it is not known to be safe, the
    /// node locks and unlocks and logs a warning.
    /// </value>
    public SignalRequest Request { get; init; } = SignalRequest.LockAndUnlock;

    /// <summary>The name by which people know this computer, for the list of nodes.</summary>
    /// <value>Default null: the host name.</value>
    public string? NodeName { get; init; }

    /// <summary>Where jitter and names come from; a test gives a seeded one.</summary>
    internal Random Random { get; init; } = Random.Shared;

    /// <summary>Options for a shard of many nodes, so that their polls do not keep migrators from the signal.</summary>
    /// <remarks>
    /// A node that locks and unlocks holds the signal for one round trip at each poll, so <c>nodes × roundTrip ÷ PollInterval</c> of them
    /// hold it at an instant, and a migrator finds it free with the probability <c>e</c> to the power of minus that. The interval is made
    /// long enough for that number to stay at 1 or below. Where a third of the lease, the longest interval there is, is not long enough,
    /// nodes are to ask without taking (<see cref="SignalRequest.Query"/>): see there for what that needs, or make a shard with a longer lease.
    /// </remarks>
    /// <param name="nodes">How many processes join the shard.</param>
    /// <param name="roundTrip">How long a lock call takes; 1 ms is usual in a local network.</param>
    /// <param name="leaseDuration">The shard's lease (<see cref="ShardDescriptor.LeaseDuration"/>).</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not above 0, or a time is not.</exception>
    public static SignalFileOptions ForNodes(int nodes, TimeSpan roundTrip, TimeSpan leaseDuration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(roundTrip, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(leaseDuration, TimeSpan.Zero);
        SignalFileOptions usual = new();
        TimeSpan longest = leaseDuration / 3;
        TimeSpan needed = roundTrip > longest / nodes ? TimeSpan.MaxValue : roundTrip * nodes;
        TimeSpan wanted = needed > usual.PollInterval ? needed : usual.PollInterval;
        TimeSpan interval = wanted < longest ? wanted : longest;
        return usual with
        {
            PollInterval = interval > MinPollInterval ? interval : MinPollInterval,
            Request = needed > longest ? SignalRequest.Query : SignalRequest.LockAndUnlock,
        };
    }

    /// <summary>The pause until the next poll.</summary>
    internal TimeSpan NextInterval(TimeSpan leaseDuration)
    {
        TimeSpan longest = leaseDuration / 3;
        TimeSpan interval = PollInterval < longest ? PollInterval : longest;
        double share;
        lock (Random)
            share = Random.NextDouble();
        return interval * (0.9 + 0.2 * share);
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PollInterval, MinPollInterval);
        if (!Enum.IsDefined(Request))
            throw new ArgumentOutOfRangeException(nameof(Request), Request, "Not a way to ask.");
    }
}

/// <summary>Ways to ask whether the signal is free.</summary>
public enum SignalRequest
{
    /// <summary>Take a shared lock and give it back. Works on every file system that has locks.</summary>
    LockAndUnlock = 0,

    /// <summary>
    /// Ask without taking (<c>F_OFD_GETLK</c>): half the round trips, and never in a migrator's way. Only where queries are answered
    /// by the server: where the answer leaves out other computers' locks, a relaxed node would not see a migrator, and read holes. So a
    /// node does it only where it is known (<see cref="ShardCapabilities.QueriesSeeEveryNode"/>) or was proven by an operator
    /// (<see cref="ShardDescriptor.QueriesProven"/>), and locks and unlocks elsewhere. <c>clusterhsm doctor</c> with a second client tries
    /// it (<c>DoctorReport.SignalRequests</c>).
    /// </summary>
    Query,
}
