using System.CommandLine;
using ClusterHsm.FileSystem;
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
        {
            run.Cancellation = "the export is not whole, and the same command begins again";
            return ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(paths), async (volume, files) =>
            {
                bool isRecursive = parsed.GetValue(recursive);
                long exported = 0, without = 0;
                await using var line = new TransferProgressLine(run.ProgressBesideOutput, "exporting");
                line.CountAhead(end => FileSelection.Select(volume, files, isRecursive, end), static _ => 0);
                try
                {
                    foreach (FileStatus file in FileSelection.Select(run.Fail, volume, files, isRecursive, cancel))
                    {
                        if (TryExport(run, volume, file.Path, out StubExport? export) && export is null)
                            without++;
                        if (export is not null)
                        {
                            Console.Out.WriteLine(export.ToString());
                            exported++;
                        }
                        line.Pass(file.Path);
                    }
                }
                catch (OperationCanceledException)
                {
                    run.Failures.Note($"{volume.Root}: exported {exported} until then");
                    throw;
                }
                run.Failures.Note($"{volume.Root}: exported {exported}; {without} have no valid copy in the store and are data, not stubs");
            }, cancel);
        });
        return command;
    }

    /// <param name="run">Told of a failure.</param>
    /// <param name="volume">The shard.</param>
    /// <param name="path">The file.</param>
    /// <param name="export">Null as well if the file has no valid copy.</param>
    /// <returns>False if it failed.</returns>
    private static bool TryExport(CommandRun run, HsmVolume volume, string path, out StubExport? export)
    {
        try
        {
            export = volume.Export(path);
            return true;
        }
        catch (HsmException failure)
        {
            run.Failures.Add(failure, ShardPath.Display(volume.Root, path));
            export = null;
            return false;
        }
    }
}
