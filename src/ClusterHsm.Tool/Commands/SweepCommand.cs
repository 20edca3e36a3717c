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
            run.OutlivesReader = !parsed.GetValue(dryRun);
            run.Cancellation = "what was deleted stays deleted, and the same command begins again";
            (string shard, string below) = ShardPaths.Locate(parsed.GetRequiredValue(root));
            if (below.Length > 0)
                throw new NotAShardException(Path.Join(shard, below), $"it is not the root of a shard, but lies on the shard '{shard}'",
                    "A sweep is always of a whole shard: name its root");
            await using HsmVolume volume = await ShardVisit.OpenAsync(shard, cancel);
            OrphanReport orphans = new(run, parsed.GetValue(dryRun));
            SweepOptions options = new() { IsDryRun = parsed.GetValue(dryRun), Progress = orphans, Scanned = SweepProgressLine.Of(run.Progress) };
            if (parsed.GetValue(grace) is { } text && Age.TryParse(text, out TimeSpan graceTime))
                options = options with { GraceTime = graceTime };
            try
            {
                Finish(run, volume.Root, options.IsDryRun, await volume.SweepAsync(options, cancel));
            }
            catch (OperationCanceledException)
            {
                Tell(run, volume.Root, options.IsDryRun, orphans.SoFar, objects: null);
                throw;
            }
        });
        return command;
    }

    private static void Finish(CommandRun run, string root, bool isDryRun, SweepSummary summary)
    {
        foreach (ScanGap gap in summary.Gaps)
            run.Fail(gap.Error, gap.Path, gap.Reason,
                "Nothing was deleted: a file that is not seen may be an object's only user. See to it and sweep again");
        Tell(run, root, isDryRun, summary, summary.Objects);
    }

    /// <param name="run">The command.</param>
    /// <param name="root">The shard's root.</param>
    /// <param name="isDryRun">Whether anything was deleted.</param>
    /// <param name="summary">What was found.</param>
    /// <param name="objects">How many objects there are; null of a sweep that was cut off.</param>
    private static void Tell(CommandRun run, string root, bool isDryRun, SweepSummary summary, long? objects)
    {
        run.Progress.End();
        if (run.Json is { } lines)
        {
            lines.Write(line =>
            {
                line.WriteName("summary", root);
                line.WriteBoolean("isComplete", summary.IsComplete && objects is not null);
                line.WriteBoolean("isDryRun", isDryRun);
                if (objects is { } count)
                    line.WriteNumber("objects", count);
                else
                    line.WriteNull("objects");
                line.WriteNumber("orphans", summary.Orphans);
                line.WriteNumber("orphanedBytes", summary.OrphanedBytes);
                line.WriteNumber("due", summary.Due);
                line.WriteNumber("bytesDue", summary.BytesDue);
            });
        }
        else if (summary.IsComplete)
        {
            string known = objects is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count} objects, ") : "";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{known}{summary.Orphans} orphans ({Text.Bytes(summary.OrphanedBytes)}), {(isDryRun ? "would delete" : "deleted")} {summary.Due} ({Text.Bytes(summary.BytesDue)})"));
        }
    }

    /// <summary>One line for each orphan.</summary>
    private sealed class OrphanReport(CommandRun run, bool isDryRun) : IProgress<Orphan>
    {
        public SweepSummary SoFar { get; private set; } = new();

        public void Report(Orphan value)
        {
            SoFar = SoFar with
            {
                Orphans = SoFar.Orphans + 1,
                OrphanedBytes = SoFar.OrphanedBytes + value.Object.Length,
                Due = SoFar.Due + (value.IsDue ? 1 : 0),
                BytesDue = SoFar.BytesDue + (value.IsDue ? value.Object.Length : 0),
            };
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
