using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>A file's record outside its shard, with what a stub needs besides: enough to make the stub again, there or on another shard.</summary>
/// <remarks>
/// It holds no data. The object stays the shard's: it is swept like any other once no record on the shard points at it, so an import has
/// to come within the grace time of a sweep.
/// </remarks>
public sealed record StubExport
{
    /// <summary>The path below the shard's root.</summary>
    public required string Path { get; init; }

    /// <summary>Permission bits.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>Owner.</summary>
    public required uint UserId { get; init; }

    /// <summary>Group.</summary>
    public required uint GroupId { get; init; }

    /// <summary>When the data was last written.</summary>
    public required ShardTimestamp Modified { get; init; }

    /// <summary>The record: <see cref="FileState.Archived"/> or <see cref="FileState.Released"/>.</summary>
    public required StubRecord Record { get; init; }

    /// <summary>Vouches for all of the rest, where the shard has a key; else null.</summary>
    public string? Signature { get; init; }

    /// <summary>One JSON object on one line, which <see cref="TryParse"/> reads.</summary>
    public override string ToString() => StubExportCodec.Write(this);

    /// <summary>Reads what <see cref="ToString"/> writes. The text is taken for untrusted: this never throws.</summary>
    /// <param name="line">One line.</param>
    /// <param name="export">The export, if it can be believed.</param>
    /// <param name="problem">If not: what is wrong, for a message.</param>
    /// <returns>Whether it can be believed.</returns>
    public static bool TryParse(string line, out StubExport? export, out string? problem) => StubExportCodec.TryRead(line, out export, out problem);
}
