using System.Diagnostics;

namespace ClusterHsm.Diagnostics;

/// <summary>How a shard is examined.</summary>
public sealed record DoctorOptions
{
    /// <summary>
    /// The partner: a program that runs <see cref="DoctorPartnerHost.RunAsync"/> on the same volume, with its arguments. Null: such programs
    /// are started by a <see cref="DoctorPartnerHost.ListenAsync"/> on another computer, which is found by files on the volume.
    /// </summary>
    /// <remarks>Started twice, because one partner is killed. Its three standard streams are redirected; it ends with its input.</remarks>
    public required ProcessStartInfo? Partner { get; init; }

    /// <summary>Whether the partner has another mount of the volume, so that it must first be proven to be the same one.</summary>
    public bool PartnerHasAnotherMount { get; init; }

    /// <summary>How long the file system or the partner may take for one answer; then it counts as hung.</summary>
    /// <value>Default 30 s; above zero.</value>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for what should come by itself: a killed partner's locks, a record seen without a lock.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Over what span the two clocks are compared.</summary>
    /// <value>Default 1 s.</value>
    public TimeSpan ClockSpan { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Told of each finding as it is made.</summary>
    public IProgress<DoctorFinding>? Progress { get; init; }

    /// <summary>Starts a partner; a test starts a node in memory instead.</summary>
    internal Func<CancellationToken, ValueTask<IDoctorPartner>>? StartPartner { get; init; }

    /// <summary>How to wait; a test moves a clock by hand instead.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = Task.Delay;

    /// <summary>Removes an empty directory, which <see cref="FileSystem.IShardFileSystem"/> cannot; given its full path.</summary>
    internal Action<string> RemoveDirectory { get; init; } = static path => Directory.Delete(path, recursive: true);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerTimeout, TimeSpan.Zero, nameof(AnswerTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, TimeSpan.Zero, nameof(Patience));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ClockSpan, TimeSpan.Zero, nameof(ClockSpan));
    }
}
