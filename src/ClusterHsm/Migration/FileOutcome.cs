namespace ClusterHsm.Migration;

/// <summary>What became of one file.</summary>
public sealed record FileOutcome
{
    /// <summary>The path, relative to the shard's root.</summary>
    public required string Path { get; init; }

    /// <summary>What was done.</summary>
    public required FileAction Action { get; init; }

    /// <summary>Bytes copied or freed.</summary>
    public long Bytes { get; init; }

    /// <summary>Why it was skipped or failed, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The failure, if it failed.</summary>
    public HsmException? Error { get; init; }
}

/// <summary>What can become of a file.</summary>
public enum FileAction
{
    /// <summary>Copied to secondary storage.</summary>
    Archived,

    /// <summary>Turned into a stub.</summary>
    Released,

    /// <summary>Brought back.</summary>
    Recalled,

    /// <summary>Its copy in secondary storage is what the record says.</summary>
    Verified,

    /// <summary>Made a stub from an export.</summary>
    Imported,

    /// <summary>It was in the wanted state before.</summary>
    AlreadyDone,

    /// <summary>Left alone, for the reason given.</summary>
    Skipped,

    /// <summary>It could not be done; the file is as it was, or as the error says.</summary>
    Failed,
}
