using System.CommandLine;
using System.Globalization;
using ClusterHsm.Migration;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm sweep</c>.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of a shard." };
        Option<string> grace = new("--grace")
        {
            HelpName = "AGE",
            Description = $"How long no file must have pointed at an object before it is deleted, counted from the first sweep that found it so: 30d, 12h, 90m; 7d if not given, at least {SweepOptions.MinGraceTime.TotalMinutes:0}m.",
        };
        grace.Validators.Add(result =>
        {
            if (!Age.TryParse(result.GetValueOrDefault<string>(), out TimeSpan age) || age < SweepOptions.MinGraceTime)
                result.AddError($"--grace: give an age such as 30d, 12h or 90m, at least {SweepOptions.MinGraceTime.TotalMinutes:0}m: a file that is being archived has no record for a moment.");
        });
        Option<bool> dryRun = new("--dry-run") { Description = "Only show what would be deleted; no time begins to count." };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("sweep",
            "Delete objects that no file on the shard points at any more, once they have been so for the grace time. If anything on the shard cannot be read, nothing is deleted.",
            "clusterhsm sweep --dry-run /mnt/shared", "clusterhsm sweep --grace 30d /mnt/shared")
        { root, grace, dryRun, json };
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            (string shard, string below) = ShardPaths.Locate(parsed.GetRequiredValue(root));
            if (below.Length > 0)
                throw new NotAShardException(Path.Join(shard, below), $"it is not the root of a shard, but lies on the shard '{shard}'",
                    "A sweep is always of a whole shard: name its root");
            await using HsmVolume volume = await ShardVisit.OpenAsync(shard, cancel);
            SweepOptions options = new() { IsDryRun = parsed.GetValue(dryRun), Progress = new OrphanReport(run, parsed.GetValue(dryRun)), Scanned = SweepProgressLine.Of(run.Progress) };
            if (parsed.GetValue(grace) is { } text && Age.TryParse(text, out TimeSpan graceTime))
                options = options with { GraceTime = graceTime };
            Finish(run, volume.Root, options.IsDryRun, await volume.SweepAsync(options, cancel));
        });
        return command;
    }

    private static void Finish(CommandRun run, string root, bool isDryRun, SweepSummary summary)
    {
        foreach (ScanGap gap in summary.Gaps)
            run.Failures.Add(gap.Error, gap.Path, gap.Reason,
                "Nothing was deleted: a file that is not seen may be an object's only user. See to it and sweep again");
        run.Progress.End();
        if (run.Json is { } lines)
        {
            lines.Write(line =>
            {
                line.WriteName("summary", root);
                line.WriteBoolean("isComplete", summary.IsComplete);
                line.WriteBoolean("isDryRun", isDryRun);
                line.WriteNumber("objects", summary.Objects);
                line.WriteNumber("orphans", summary.Orphans);
                line.WriteNumber("orphanedBytes", summary.OrphanedBytes);
                line.WriteNumber("due", summary.Due);
                line.WriteNumber("bytesDue", summary.BytesDue);
            });
        }
        else if (summary.IsComplete)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{summary.Objects} objects, {summary.Orphans} orphans ({Text.Bytes(summary.OrphanedBytes)}), {(isDryRun ? "would delete" : "deleted")} {summary.Due} ({Text.Bytes(summary.BytesDue)})"));
        }
    }

    /// <summary>One line for each orphan.</summary>
    private sealed class OrphanReport(CommandRun run, bool isDryRun) : IProgress<Orphan>
    {
        public void Report(Orphan value)
        {
            run.Progress.End();
            string since = value.Since.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            if (run.Json is { } lines)
            {
                lines.Write(line =>
                {
                    line.WriteString("object", value.Object.Key.ToString());
                    line.WriteNumber("bytes", value.Object.Length);
                    line.WriteString("orphanSince", value.Since);
                    line.WriteBoolean("isDue", value.IsDue);
                });
                return;
            }
            string fate = !value.IsDue ? "waits" : isDryRun ? "would delete" : "deleted";
            Console.Out.WriteLine($"{fate,-12} {Text.Bytes(value.Object.Length),10}  {value.Object.Key}  without a record since {since} UTC");
        }
    }
}
