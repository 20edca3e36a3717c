using System.CommandLine;
using ClusterHsm.FileSystem;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm pin</c> and <c>clusterhsm unpin</c>.</summary>
internal static class PinCommand
{
    public static Command CreatePin() => Create("pin", "Never release these files, until they are unpinned.",
        "clusterhsm pin /mnt/shared/projects/index.db", true);

    public static Command CreateUnpin() => Create("unpin", "Let these files be released again.",
        "clusterhsm unpin --recursive /mnt/shared/projects/2019", false);

    private static Command Create(string name, string description, string example, bool pin)
    {
        Argument<string[]> paths = SharedOptions.Paths();
        Option<bool> recursive = SharedOptions.Recursive();
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new(name, description, example) { paths, recursive, json };
        CommandRun.Set(command, json, (run, parsed, cancel) =>
        {
            run.OutlivesReader = true;
            return ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(paths), (volume, files) =>
            {
                foreach (FileStatus file in FileSelection.Select(run.Fail, volume, files, parsed.GetValue(recursive), cancel))
                    Apply(run, volume, file.Path, pin);
                return Task.CompletedTask;
            }, cancel);
        });
        return command;
    }

    private static void Apply(CommandRun run, HsmVolume volume, string path, bool pin)
    {
        try
        {
            if (pin)
                volume.Pin(path);
            else
                volume.Unpin(path);
            run.Json?.Write(line =>
            {
                line.WriteName("path", ShardPath.Display(volume.Root, path));
                line.WriteBoolean("isPinned", pin);
            });
        }
        catch (HsmException failure)
        {
            run.Fail(failure);
        }
    }
}
