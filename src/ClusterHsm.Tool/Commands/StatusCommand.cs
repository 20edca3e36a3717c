using System.CommandLine;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = SharedOptions.Paths();
        Option<bool> recursive = SharedOptions.Recursive();
        Option<bool> json = SharedOptions.Json();
        Option<bool> summary = new("--summary") { Description = "Print how many files are in each state and their bytes, instead of each file." };
        ToolCommand command = new("status",
            "Show where each file's data is, and recall nothing: regular (on the shard only), archived (on the shard and in the store), released (a stub), recalling (a stub that is coming back); damaged if its record cannot be believed, which is a failure (15, or 31 for its signature).",
            "clusterhsm status --recursive --json /mnt/shared/projects", "clusterhsm status --recursive --summary /mnt/shared")
        { paths, recursive, summary, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.Cancellation = "nothing was changed, and the same command begins again";
            StatusSummary? sums = parsed.GetValue(summary) ? new StatusSummary() : null;
            if (run.Json is null && sums is null)
                Console.Out.WriteLine(StatusText.Heading);
            await ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(paths), async (volume, files) =>
            {
                // No time left is told: to count the files would be the whole of the work.
                await using var progress = new TransferProgressLine(sums is null ? run.ProgressBesideOutput : run.Progress, "looking at");
                foreach (FileStatus file in FileSelection.Select(run.Fail, volume, files, parsed.GetValue(recursive), cancel))
                {
                    if (DamagedRecord.Of(file, volume.Root) is { } damaged)
                        run.Failures.Add(damaged);
                    if (sums is not null)
                        sums.Add(file);
                    else if (run.Json is { } lines)
                        StatusText.Write(lines, volume.Root, file);
                    else
                        Console.Out.WriteLine(StatusText.Line(volume.Root, file));
                    progress.Pass(file.Path);
                }
            }, cancel);
            if (run.Json is { } json)
                sums?.Write(json);
            else
                sums?.Write(Console.Out);
        });
        return command;
    }
}
