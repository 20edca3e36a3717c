using ClusterHsm.Coordination;

namespace ClusterHsm.Hosting;

/// <summary>One volume of a program. Where its store is stands in the shard's own <c>shard.json</c>.</summary>
public sealed class VolumeSettings
{
    /// <summary>The root of the shard, an absolute path. Required.</summary>
    public string? Root { get; set; }

    /// <summary>Whether the program must not start without it.</summary>
    /// <value>
    /// True by default: a volume that cannot be opened ends the start with the error. False: the program starts, its health is
    /// <em>unhealthy</em>, and the volume is tried again every <see cref="RetryInterval"/>.
    /// </value>
    public bool Required { get; set; } = true;

    /// <summary>How often a volume that is not required is tried again.</summary>
    /// <value>10 s by default; 100 ms to one day.</value>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="HsmVolumeOptions.JoinAsNode"/>
    public bool JoinAsNode { get; set; } = true;

    /// <inheritdoc cref="HsmVolumeOptions.CacheCapacity"/>
    public int CacheCapacity { get; set; } = 1_000_000;

    /// <inheritdoc cref="SignalFileOptions.PollInterval"/>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="SignalFileOptions.Request"/>
    public SignalRequest SignalRequest { get; set; }

    /// <inheritdoc cref="SignalFileOptions.NodeName"/>
    public string? NodeName { get; set; }

    /// <summary>When the volume is relaxed.</summary>
    /// <value><see cref="VolumePolicy.WheneverAllowed"/> by default.</value>
    public VolumePolicy Policy { get; set; }

    /// <summary>With <see cref="VolumePolicy.RelaxedAfterCalm"/>: how long no migration must have been about to occur.</summary>
    /// <value>30 s by default; zero or more.</value>
    public TimeSpan Calm { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A policy of the program's own, which takes the place of <see cref="Policy"/>. Only from code.</summary>
    public LockModePolicy? CustomPolicy { get; set; }

    /// <inheritdoc cref="HsmVolumeOptions.LockTimeout"/>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc cref="HsmVolumeOptions.ReadThroughWithoutWritePermission"/>
    public bool ReadThroughWithoutWritePermission { get; set; } = true;

    /// <inheritdoc cref="HsmVolumeOptions.MaxConcurrentRecalls"/>
    public int MaxConcurrentRecalls { get; set; } = 4;

    internal LockModePolicy EffectivePolicy => CustomPolicy ?? Policy switch
    {
        VolumePolicy.AlwaysStrict => LockModePolicy.AlwaysStrict,
        VolumePolicy.RelaxedAfterCalm => LockModePolicy.RelaxedAfter(Calm),
        _ => LockModePolicy.Default,
    };
}

/// <summary>The policies that a configuration can name.</summary>
public enum VolumePolicy
{
    /// <summary><see cref="LockModePolicy.Default"/>.</summary>
    WheneverAllowed = 0,

    /// <summary><see cref="LockModePolicy.AlwaysStrict"/>.</summary>
    AlwaysStrict,

    /// <summary><see cref="LockModePolicy.RelaxedAfter"/> with <see cref="VolumeSettings.Calm"/>.</summary>
    RelaxedAfterCalm,
}
