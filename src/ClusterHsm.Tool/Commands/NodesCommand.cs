using System.CommandLine;
using ClusterHsm.Coordination;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm nodes</c>.</summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of a shard, or any path on it." };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("nodes", "Show the processes that are on a shard, their mode, and whom a migrator has to wait for.",
            "clusterhsm nodes /mnt/shared") { root, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.Cancellation = "nothing was changed, and the same command begins again";
            await using HsmVolume volume = await ShardVisit.OpenAsync(ShardPaths.Locate(parsed.GetRequiredValue(root)).Root, cancel);
            if (run.Json is null)
                Console.Out.WriteLine("ROLE      STATE  MODE     QUIESCE  POLLS       LAST WRITTEN          WHO");
            foreach (NodeInfo node in NodeRegistry.List(volume.Shard, volume.Descriptor))
            {
                if (run.Json is { } lines)
                    lines.Write(line => NodeJson.Write(line, node));
                else
                    Console.Out.WriteLine(Line(node));
            }
        });
        return command;
    }

    private static string Line(NodeInfo node) =>
        $"{(node.IsMigrator ? "migrator" : "node"),-9} {(node.IsAlive ? "alive" : "dead"),-6} {node.Mode.ToString().ToLowerInvariant(),-8} "
        + $"{(node.HoldsQuiesce ? "held" : "-"),-8} {node.Polls,-11} {node.LastWritten?.ToUniversalTime().ToString("u") ?? "-",-21} {Text.OneLine(node.ToString())}";
}
