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
    /// <value>Default <see cref="SignalRequest.LockAndUnlock"/>.</value>
    public SignalRequest Request { get; init; } = SignalRequest.LockAndUnlock;

    /// <summary>The name by which people know this computer, for the list of nodes.</summary>
    /// <value>Default null: the host name.</value>
    public string? NodeName { get; init; }

    /// <summary>Where jitter and names come from; a test gives a seeded one.</summary>
    internal Random Random { get; init; } = Random.Shared;

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
    /// by the server (not by the client alone); <c>clusterhsm doctor</c> tries it.
    /// </summary>
    Query,
}
