using ClusterHsm.Coordination;
using Microsoft.Extensions.Logging;

namespace ClusterHsm;

/// <summary>How a volume is opened.</summary>
public sealed record HsmVolumeOptions
{
    /// <summary>Inodes that the node remembers as regular.</summary>
    /// <value>1,000,000 by default, about 10 MB.</value>
    public int CacheCapacity { get; init; } = 1_000_000;

    /// <summary>How the signal file is asked.</summary>
    public SignalFileOptions Signal { get; init; } = new();

    /// <summary>Strict or relaxed, within what the protocol allows.</summary>
    /// <value><see cref="LockModePolicy.Default"/>: relaxed whenever allowed.</value>
    public LockModePolicy Policy { get; init; } = LockModePolicy.Default;

    /// <summary>
    /// Whether this process joins the shard as a node. A program that only migrates, or opens a handful of files, need not: it works
    /// strict, and no migrator waits for it.
    /// </summary>
    /// <value>True by default.</value>
    public bool JoinAsNode { get; init; } = true;

    /// <summary>How long an access waits for a file's lock, for instance while another node recalls the file.</summary>
    /// <value>5 minutes by default; zero to ask once, <see cref="Timeout.InfiniteTimeSpan"/> to wait until cancelled.</value>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a stub that this process may not write, and so not recall, is read through from secondary storage instead.
    /// If not, opening it fails and names the missing permission.
    /// </summary>
    /// <value>True by default.</value>
    public bool ReadThroughWithoutWritePermission { get; init; } = true;

    /// <summary>How many recalls this process runs at once; more wait, without a thread each.</summary>
    /// <value>4 by default, at least 1.</value>
    public int MaxConcurrentRecalls { get; init; } = 4;

    /// <summary>Where log messages go.</summary>
    /// <value>Null by default: nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentRecalls, 1);
        if (LockTimeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(LockTimeout, TimeSpan.Zero);
    }
}
