using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>How finely files are dated.</summary>
internal sealed class TimestampCheck : DoctorCheck
{
    public static readonly DoctorQuestion Granularity = new("times.granularity",
        "file times are as fine as the library takes them to be", DoctorNeed.Nothing);

    private const int Samples = 3;

    /// <summary>The coarsest file system known keeps two seconds (vfat).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public override IReadOnlyList<DoctorQuestion> Questions => [Granularity];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile file = await x.Here.OpenAsync(x.PathOf("times"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        ShardTimestamp last = await file.TouchAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan? least = null;
        for (int i = 0; i < Samples; i++)
        {
            ShardTimestamp next = last;
            TimeSpan? moved = await x.WaitUntilAsync(async () => (next = await file.TouchAsync(cancellationToken).ConfigureAwait(false)) != last,
                Patience, cancellationToken).ConfigureAwait(false);
            if (moved is null)
            {
                x.DoesNotHold(Granularity, $"the time of a file that is touched again and again did not move within {Words.Span(Patience)}",
                    "a write cannot be noticed by its time; every archived file is read again before it is released");
                return;
            }
            TimeSpan step = next.Since(last);
            least = least is { } known && known < step ? known : step;
            last = next;
        }
        TimeSpan claimed = x.Shard.Capabilities.TimestampGranularity;
        x.Decide(Granularity, least <= claimed, $"steps of {Words.Span(least!.Value)} were seen, {Words.Span(claimed)} are reckoned with",
            "keep the settle time of migrations (MigrationOptions.SettleTime) above the step that was seen");
    }
}
