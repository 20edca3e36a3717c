using System.CommandLine;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm import</c>.</summary>
internal static class ImportCommand
{
    private const string StandardInput = "standard input";

    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of the shard on which the stubs are to be." };
        Argument<string?> source = new("FILE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "What 'clusterhsm export' wrote; standard input if not given.",
        };
        Option<bool> unsigned = new("--unsigned")
        {
            Description = "Take exports that this shard's key has not signed, such as those of another shard, which can name any object of the store: only if you know who made them. Without a key on the shard this says nothing.",
        };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("import",
            "Make stubs of exported records, at the same paths below ROOT. The shard must have the store that the records' data is in. A file that has data is never replaced.",
            "clusterhsm import /mnt/shared stubs.jsonl")
        { root, source, unsigned, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.OutlivesReader = true;
            (string shard, string below) = ShardPaths.Locate(parsed.GetRequiredValue(root));
            if (below.Length > 0)
                throw new NotAShardException(Path.Join(shard, below), $"it is not the root of a shard, but lies on the shard '{shard}'",
                    "Exported paths are told from the root: name the root");
            await using HsmVolume volume = await ShardVisit.OpenAsync(shard, cancel);
            string? file = parsed.GetValue(source);
            using var lines = new ExportReader(file is null ? Console.OpenStandardInput() : Open(file), file ?? StandardInput);
            await using var report = new TransferReport(run, volume.Root, "importing");
            // What cannot be read twice, such as a pipe, is not counted.
            if (file is not null && lines.CanBeReadTwice)
                report.Line.CountAhead(end => (CountLines(file, end), 0));
            IEnumerable<StubExport> exports = report.Line.WatchTaken(lines.Read(Refuse), static export => export.Path);
            await report.RunAsync(() => volume.ImportAsync(exports, new() { Progress = report, AcceptUnsigned = parsed.GetValue(unsigned) }, cancel));

            void Refuse(InvalidRecordException failure)
            {
                report.Line.Pass(failure.Path);
                report.Fail(failure);
            }
        });
        return command;
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HsmFileNotFoundException(file, "there is no such file", "Name what 'clusterhsm export' has written", e);
        }
        catch (UnauthorizedAccessException e) when (Directory.Exists(file))
        {
            throw new NotARegularFileException(file, "it is a folder", "Name what 'clusterhsm export' has written", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HsmAccessDeniedException(file, "it may not be read", "Run as a user who has the permission, or have it granted", e);
        }
    }

    private static long CountLines(string file, CancellationToken end)
    {
        long count = 0;
        foreach (string line in File.ReadLines(file))
        {
            end.ThrowIfCancellationRequested();
            if (!string.IsNullOrWhiteSpace(line))
                count++;
        }
        return count;
    }
}
