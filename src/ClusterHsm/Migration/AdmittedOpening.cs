using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Opens files that a migrator on this computer may hold openers back from while it releases them: a matter of milliseconds.</summary>
internal static class AdmittedOpening
{
    private const int LongestPauseMilliseconds = 50;

    /// <summary>Tries with growing pauses for as long as the answer is <see cref="ShardError.Busy"/> and the lock timeout lasts.</summary>
    public static async ValueTask<IShardFile> OpenAsync(MigrationContext context, Func<IShardFile> open, CancellationToken cancellationToken)
    {
        TimeProvider clock = context.Shard.Clock;
        long began = clock.GetTimestamp();
        for (int pause = 1; ; pause = Math.Min(pause * 2, LongestPauseMilliseconds))
        {
            try
            {
                return open();
            }
            catch (ShardIOException e) when (e.Error == ShardError.Busy
                && (context.LockTimeout == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(began) < context.LockTimeout))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(pause), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
