namespace ClusterHsm.Migration;

/// <summary>What became of all files of one call.</summary>
public sealed record MigrationSummary
{
    /// <summary>How many failures are kept one by one.</summary>
    public const int MaxFailuresKept = 1000;

    /// <summary>Files copied to secondary storage.</summary>
    public long Archived { get; init; }

    /// <summary>Files turned into stubs.</summary>
    public long Released { get; init; }

    /// <summary>Files brought back.</summary>
    public long Recalled { get; init; }

    /// <summary>Files whose copy is what their record says.</summary>
    public long Verified { get; init; }

    /// <summary>Files made stubs from exports.</summary>
    public long Imported { get; init; }

    /// <summary>Files left alone, those included that were in the wanted state before.</summary>
    public long Skipped { get; init; }

    /// <summary>Files that could not be done.</summary>
    public long Failed { get; init; }

    /// <summary>Bytes copied to secondary storage.</summary>
    public long BytesArchived { get; init; }

    /// <summary>Bytes of data taken off the shard.</summary>
    public long BytesFreed { get; init; }

    /// <summary>Bytes brought back.</summary>
    public long BytesRecalled { get; init; }

    /// <summary>How long nodes were kept from relaxed mode.</summary>
    public TimeSpan StrictTime { get; init; }

    /// <summary>Handovers begun.</summary>
    public int Handovers { get; init; }

    /// <summary>The first <see cref="MaxFailuresKept"/> failures.</summary>
    public IReadOnlyList<FileOutcome> Failures { get; init; } = [];
}
