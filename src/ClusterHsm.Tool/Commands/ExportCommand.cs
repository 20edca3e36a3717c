using System.CommandLine;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm export</c>.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = SharedOptions.Paths();
        Option<bool> recursive = SharedOptions.Recursive();
        ToolCommand command = new("export",
            "Write the records of archived files and of stubs to standard output, one JSON object a line, from which 'clusterhsm import' makes stubs. Their data stays in the store; nothing is recalled.",
            "clusterhsm export --recursive /mnt/shared > stubs.jsonl")
        { paths, recursive };
        CommandRun.Set(command, null, (run, parsed, cancel) =>
            ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(paths), async (volume, files) =>
            {
                bool isRecursive = parsed.GetValue(recursive);
                long exported = 0, without = 0;
                await using var line = new TransferProgressLine(run.ProgressBesideOutput, "exporting");
                line.CountAhead(end => FileSelection.Select(volume, files, isRecursive, end), static _ => 0);
                foreach (FileStatus file in FileSelection.Select(run, volume, files, isRecursive, cancel))
                {
                    try
                    {
                        if (volume.Export(file.Path) is { } export)
                        {
                            Console.Out.WriteLine(export.ToString());
                            exported++;
                        }
                        else
                        {
                            without++;
                        }
                    }
                    catch (HsmException failure)
                    {
                        run.Failures.Add(failure);
                    }
                    line.Pass(file.Path);
                }
                run.Failures.Note($"{volume.Root}: exported {exported}; {without} have no valid copy in the store and are data, not stubs");
            }, cancel));
        return command;
    }
}
