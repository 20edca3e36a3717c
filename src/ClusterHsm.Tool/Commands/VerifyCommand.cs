using System.CommandLine;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of a shard, or a folder or file on it: what is below is verified." };
        Option<bool> deep = new("--deep") { Description = "Read every object and check its digest, not just that it is there and has the right length." };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("verify", "Compare every record with its object in the store, and change nothing.",
            "clusterhsm verify --deep /mnt/shared") { root, deep, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.OutlivesReader = true;
            run.Cancellation = "nothing was changed, and the same command begins again";
            (string shard, string below) = ShardPaths.Locate(parsed.GetRequiredValue(root));
            await using HsmVolume volume = await ShardVisit.OpenAsync(shard, cancel);
            bool isDeep = parsed.GetValue(deep);
            await using var report = new TransferReport(run, volume.Root, "verifying");
            report.Line.CountAhead(_ => volume.EnumerateStatus(below, static _ => { }), file => isDeep ? file.Record?.Size ?? 0 : 0);
            await report.RunAsync(() => volume.VerifyAsync(below, isDeep, new() { Progress = report, Transfers = report.Line.Pieces }, cancel));
        });
        return command;
    }
}
