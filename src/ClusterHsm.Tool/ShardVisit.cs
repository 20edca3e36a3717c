namespace ClusterHsm.Tool;

/// <summary>Opens each shard that a command line names, in turn.</summary>
internal static class ShardVisit
{
    /// <summary>A command works strict and joins no shard: no migrator has to wait for it.</summary>
    private static readonly HsmVolumeOptions Options = new() { JoinAsNode = false };

    public static ValueTask<HsmVolume> OpenAsync(string root, CancellationToken cancel) => HsmVolume.OpenAsync(root, Options, cancel);

    /// <summary>Runs <paramref name="body"/> on each shard; a shard that fails does not keep the others from their turn.</summary>
    public static async Task ForEachAsync(CommandRun run, IEnumerable<string> paths, Func<HsmVolume, IReadOnlyList<string>, Task> body,
        CancellationToken cancel)
    {
        foreach (ShardPaths shard in ShardPaths.Group(paths, run))
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                await using HsmVolume volume = await OpenAsync(shard.Root, cancel);
                await body(volume, shard.Paths);
            }
            catch (HsmException failure)
            {
                run.Fail(failure, shard.Root);
            }
        }
    }
}
