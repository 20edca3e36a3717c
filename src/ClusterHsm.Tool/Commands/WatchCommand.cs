using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using ClusterHsm.Tool.Output;
using ClusterHsm.Tool.Watch;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm watch</c>.</summary>
internal static class WatchCommand
{
    private const double DefaultInterval = 2, LeastInterval = 0.1, LongestInterval = 3600;

    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of a shard, or any path on it." };
        Option<double> interval = new("--interval")
        {
            HelpName = "SECONDS",
            Description = $"How often to look, in seconds, {LeastInterval} to {LongestInterval}. Nodes write what they count every 10 s; modes, locks and who is there are seen at each look.",
            DefaultValueFactory = _ => DefaultInterval,
            CustomParser = SharedOptions.Number<double>("--interval", static seconds => seconds is >= LeastInterval and <= LongestInterval,
                $"give {LeastInterval} to {LongestInterval} seconds"),
        };
        Func<ArgumentResult, long> parseCount = SharedOptions.Number<long>("--count", static looks => looks >= 1, "give a whole number, 1 or more");
        Option<long?> count = new("--count")
        {
            HelpName = "N",
            Description = "End after so many looks, 1 or more; without end if not given.",
            CustomParser = result => parseCount(result),
        };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("watch",
            "Show live who is on a shard, in which mode, with hits, misses and recalls, who migrates and whom it waits for; Ctrl-C ends it. In a pipe, lines of name=value words. Changes nothing and is in nobody's way.",
            "clusterhsm watch /mnt/shared", "clusterhsm watch --count 1 --json /mnt/shared") { root, interval, count, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.Cancellation = null;
            HsmVolume volume = await ShardVisit.OpenAsync(ShardPaths.Locate(parsed.GetRequiredValue(root)).Root, cancel);
            using IWatchView view = run.Json is not null ? new JsonView(static bytes => StandardOutput.Write(bytes.Span))
                : Terminal.CanRedrawOutput ? new ScreenView(Write, static () => Terminal.SizeOf(Terminal.StandardOutput))
                : new LineView(Write);
            var loop = new WatchLoop(() => ShardSight.Take(volume.Shard, volume.Descriptor), new ShardWatch(volume.Root, TimeProvider.System),
                view, TimeProvider.System);
            try
            {
                await loop.RunAsync(TimeSpan.FromSeconds(parsed.GetValue(interval)), parsed.GetValue(count), cancel);
            }
            finally
            {
                // What hangs in the file system still uses it, and ends with the process.
                if (!loop.IsLooking)
                    await volume.DisposeAsync();
            }
        });
        return command;
    }

    private static void Write(string text) => StandardOutput.Write(Encoding.UTF8.GetBytes(text));
}
