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
            using TextReader lines = Open(file);
            await using var report = new TransferReport(run, volume.Root, "importing");
            // What cannot be read twice, such as a pipe, is not counted.
            if (lines is StreamReader { BaseStream.CanSeek: true })
                report.Line.CountAhead(end => (CountLines(file!, end), 0));
            IEnumerable<StubExport> exports = report.Line.WatchTaken(Read(report, lines, file ?? StandardInput), static export => export.Path);
            await report.RunAsync(() => volume.ImportAsync(exports, new() { Progress = report, AcceptUnsigned = parsed.GetValue(unsigned) }, cancel));
        });
        return command;
    }

    private static TextReader Open(string? file)
    {
        try
        {
            return file is null ? Console.In : File.OpenText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HsmFileNotFoundException(file!, "there is no such file", "Name what 'clusterhsm export' has written", e);
        }
        catch (UnauthorizedAccessException e) when (Directory.Exists(file))
        {
            throw new NotARegularFileException(file!, "it is a folder", "Name what 'clusterhsm export' has written", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HsmAccessDeniedException(file!, "it may not be read", "Run as a user who has the permission, or have it granted", e);
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

    /// <summary>The exports of all lines that hold one; the others are told to the failures.</summary>
    private static IEnumerable<StubExport> Read(TransferReport report, TextReader lines, string name)
    {
        long number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            if (StubExport.TryParse(line, out StubExport? export, out string? problem))
            {
                yield return export!;
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                string place = $"{name}, line {number}";
                report.Line.Pass(place);
                report.Fail(new InvalidRecordException(place, $"it is no export: {problem}", "Nothing was made of this line. Export it again"));
            }
        }
    }
}
