using Microsoft.Extensions.Logging;

namespace ClusterHsm.Coordination;

/// <summary>How a migrator takes over.</summary>
public sealed record HandoverOptions
{
    /// <summary>Longest timeout of either kind.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    /// <summary>How long to try for the signal, which nodes hold for an instant at each poll.</summary>
    /// <value>Default 30 s; zero (one attempt) to <see cref="MaxTimeout"/>.</value>
    public TimeSpan SignalTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nodes may take to leave relaxed mode, counted from the grant of the signal.</summary>
    /// <value>Default 30 s; zero (one attempt) to <see cref="MaxTimeout"/>. Nodes need at least one poll interval.</value>
    public TimeSpan QuiesceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether to go on by the lease alone when they do not.</summary>
    /// <value>
    /// Default false: the handover fails and names them. With true, the promise rests on clocks alone: that no node's clock runs slower
    /// than the migrator's by more than the drift margin in a lease.
    /// </value>
    public bool ProceedOnLeaseAlone { get; init; }

    /// <summary>Told of begin and loss.</summary>
    /// <value>Default null: nothing is logged.</value>
    public ILogger? Logger { get; init; }

    /// <summary>The name by which people know this computer, for the list of nodes.</summary>
    /// <value>Default null: the host name.</value>
    public string? NodeName { get; init; }

    /// <summary>How many files are to become stubs, for the list of nodes.</summary>
    internal long Files { get; init; }

    /// <summary>Where slots and jitter come from; a test gives a seeded one.</summary>
    internal Random Random { get; init; } = Random.Shared;

    internal void Validate()
    {
        Check(SignalTimeout, nameof(SignalTimeout));
        Check(QuiesceTimeout, nameof(QuiesceTimeout));
    }

    private static void Check(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxTimeout, name);
    }
}
