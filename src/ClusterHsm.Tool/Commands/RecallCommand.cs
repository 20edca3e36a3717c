using System.CommandLine;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm recall</c>.</summary>
internal static class RecallCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = SharedOptions.Paths();
        Option<bool> recursive = SharedOptions.Recursive();
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("recall", "Bring the data of stubs back to the shard. The copy in the store stays.",
            "clusterhsm recall --recursive /mnt/shared/projects/2019")
        { paths, recursive, json };
        CommandRun.Set(command, json, (run, parsed, cancel) =>
        {
            run.OutlivesReader = true;
            return ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(paths), async (volume, files) =>
            {
                bool isRecursive = parsed.GetValue(recursive);
                await using var report = new TransferReport(run, volume.Root, "recalling");
                report.Line.CountAhead(end => FileSelection.Select(volume, files, isRecursive, end), static file => file.Size);
                IEnumerable<string> stubs = report.Line.Watch(FileSelection.Select(report.Fail, volume, files, isRecursive, cancel), static file => file.IsStub)
                    .Select(file => file.Path);
                await report.RunAsync(() => volume.RecallAsync(stubs, new() { Progress = report, Transfers = report.Line.Pieces }, cancel));
            }, cancel);
        });
        return command;
    }
}
