using ClusterHsm.Coordination;

namespace ClusterHsm.Migration;

/// <summary>How files are archived, released and recalled.</summary>
public sealed record MigrationOptions
{
    /// <summary>Files copied at once, and threads that mark and punch files in a handover. Each that is copied takes two buffers of 1 MiB.</summary>
    /// <value>4 by default, at least 1.</value>
    public int Jobs { get; init; } = 4;

    /// <summary>
    /// How long a file must have been left alone before it is copied, by the shard's own clock, so that a write inside one tick of the
    /// file times cannot hide. A file that is younger is waited for once, then skipped.
    /// </summary>
    /// <value>2 s by default: file times are whole seconds on some file systems.</value>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How nodes are asked to leave relaxed mode.</summary>
    /// <value>The defaults of <see cref="HandoverOptions"/>.</value>
    public HandoverOptions? Handover { get; init; }

    /// <summary>
    /// Whether an import on a shard with a key takes exports that are not signed with it, such as those of other shards. Whoever makes
    /// such an export can name any object of the store, and is given its data.
    /// </summary>
    /// <value>False by default. Says nothing on a shard without a key, which takes any.</value>
    public bool AcceptUnsigned { get; init; }

    /// <summary>
    /// Whether the copy of a file that was archived by an earlier call is read back and its digest compared. Where it is not what was archived, an
    /// archive or a migration makes another (<c>MigrateAsync</c>), and a release fails that file (<c>ReleaseAsync</c>).
    /// </summary>
    /// <value>False by default: then an object that is there with the right length is taken for good. Costs a read of each such object.</value>
    public bool VerifyCopies { get; init; }

    /// <summary>Told of each file when it is done. Called from several threads, one call at a time.</summary>
    public IProgress<FileOutcome>? Progress { get; init; }

    /// <summary>Told of each piece of a file, 1 MiB or less, as it is transferred. Called from several threads at once; it must be quick.</summary>
    public IProgress<TransferProgress>? Transfers { get; init; }

    /// <summary>
    /// Files that are marked, made durable and punched together, if there is a barrier and <c>ulimit -n</c> has room for twice as many. They stay locked for
    /// that time, a second or two.
    /// </summary>
    internal int MostFilesInGroup { get; init; } = 16_384;

    /// <summary>
    /// Files that are remembered for one handover, so that the memory of a list is bounded however long it is: a longer list is archived and
    /// released in batches, and each has a handover of its own.
    /// </summary>
    internal int MostFilesInBatch { get; init; } = 100_000;

    /// <summary>Who is told of the pieces of one file; null for nobody.</summary>
    internal Action<int>? ToldOf(string path) => Transfers is { } told ? bytes => told.Report(new TransferProgress(path, bytes)) : null;

    internal MigrationOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Jobs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SettleTime, TimeSpan.Zero);
        return this;
    }
}
