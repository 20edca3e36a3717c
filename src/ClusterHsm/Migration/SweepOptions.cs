using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Migration;

/// <summary>How orphans are swept: objects in secondary storage that no record points at.</summary>
public sealed record SweepOptions
{
    /// <summary>
    /// Shortest <see cref="GraceTime"/>: an object that has just been copied is without a record for a moment, and a migrator that is
    /// held up for half of this time in that moment throws its copy away.
    /// </summary>
    public static readonly TimeSpan MinGraceTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long no record must have pointed at an object before it is deleted, counted by the store's clock from the first sweep that
    /// found it so. A stub that is restored from a backup meanwhile saves its object.
    /// </summary>
    /// <value>7 days by default; at least <see cref="MinGraceTime"/>.</value>
    public TimeSpan GraceTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether nothing is deleted and no time begins to count.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>
    /// How long a folder must have been left alone, by the shard's own clock, before what was read in it counts, so that a rename inside
    /// one tick of the file times cannot hide.
    /// </summary>
    /// <value>2 s by default: file times are whole seconds on some file systems.</value>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told of each orphan. Called on one thread at a time.</summary>
    public IProgress<Orphan>? Progress { get; init; }

    /// <summary>Told of what was listed and read so far, once for each object and each record. Called on one thread at a time.</summary>
    public IProgress<SweepProgress>? Scanned { get; init; }

    internal SweepOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(GraceTime, MinGraceTime);
        ArgumentOutOfRangeException.ThrowIfLessThan(SettleTime, TimeSpan.Zero);
        return this;
    }
}

/// <summary>An object that no record points at.</summary>
/// <param name="Object">The object.</param>
/// <param name="Since">When a sweep first found it so, by the store's clock.</param>
/// <param name="IsDue">Whether its grace time is over, so that it was deleted, or would have been but for the dry run.</param>
public readonly record struct Orphan(StoredObject Object, DateTimeOffset Since, bool IsDue);

/// <summary>How far a sweep is.</summary>
/// <param name="Objects">Objects listed; all of them once a record has been read.</param>
/// <param name="Records">Records read, those included that were read again because their folder had changed.</param>
public readonly record struct SweepProgress(long Objects, long Records);

/// <summary>What a sweep found and did.</summary>
public sealed record SweepSummary
{
    /// <summary>Whether every record of the shard was read. If not, nothing was deleted, and <see cref="Gaps"/> says why.</summary>
    public bool IsComplete => Gaps.Count == 0;

    /// <summary>Objects of this shard in the store when the sweep began.</summary>
    public long Objects { get; init; }

    /// <summary>Those that no record points at; 0 if the scan was incomplete, because nobody knows then.</summary>
    public long Orphans { get; init; }

    /// <summary>Bytes that these have.</summary>
    public long OrphanedBytes { get; init; }

    /// <summary>Orphans deleted, or that a dry run would have deleted.</summary>
    public long Due { get; init; }

    /// <summary>Bytes that these had.</summary>
    public long BytesDue { get; init; }

    /// <summary>What could not be read of the shard.</summary>
    public IReadOnlyList<ScanGap> Gaps { get; init; } = [];
}
