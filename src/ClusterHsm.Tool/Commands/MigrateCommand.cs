using System.CommandLine;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm migrate</c>.</summary>
internal static class MigrateCommand
{
    private static readonly Argument<string[]> Paths = SharedOptions.Paths();
    private static readonly Option<bool> Recursive = SharedOptions.Recursive();
    private static readonly Option<bool> Json = SharedOptions.Json();

    private static readonly Option<bool> ArchiveOnly = new("--archive-only")
    {
        Description = "Copy the data to the store and leave it on the shard too; a later migrate then only releases.",
    };

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "Read the copies that earlier runs have made, and make another of each that is not what was archived. Without it a copy of the right length is taken for good.",
    };

    private static readonly Option<string> MinSize = new("--min-size")
    {
        HelpName = "SIZE",
        Description = "Leave smaller files alone: bytes, or with K, M, G, T in units of 1024, such as 64K.",
    };

    private static readonly Option<string> MinAge = new("--min-age")
    {
        HelpName = "AGE",
        Description = "Leave files alone that were modified (mtime) more recently, by the shard's own clock: 30d, 12h, 90m or 45s; 0 takes all.",
    };

    private static readonly Option<string[]> Exclude = new("--exclude")
    {
        HelpName = "PATTERN",
        Description = "Leave these alone; may be given several times. '*.tmp' is held against every name in the path, 'logs/*' (with a slash) against the path below the root.",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only show what would be migrated; change nothing." };

    private static readonly Option<int> Jobs = new("--jobs", "-j")
    {
        HelpName = "N",
        Description = "Files that are copied at once, 1 or more; each takes 2 MiB of memory.",
        DefaultValueFactory = _ => new MigrationOptions().Jobs,
        CustomParser = SharedOptions.Number<int>("--jobs", static jobs => jobs >= 1, "give a whole number, 1 or more"),
    };

    private static readonly Option<double> QuiesceTimeout = new("--quiesce-timeout")
    {
        HelpName = "SECONDS",
        Description = "How many seconds nodes may take to leave relaxed mode before the command gives up and names them.",
        DefaultValueFactory = _ => new HandoverOptions().QuiesceTimeout.TotalSeconds,
        CustomParser = SharedOptions.Number<double>("--quiesce-timeout", static seconds => seconds >= 0 && seconds <= HandoverOptions.MaxTimeout.TotalSeconds,
            $"give 0 to {HandoverOptions.MaxTimeout.TotalSeconds} seconds"),
    };

    private static readonly Option<bool> LeaseAlone = new("--lease-alone")
    {
        Description = "When nodes do not leave in time, go on once their lease is over. Safe only if no node's clock runs slow.",
    };

    public static Command Create()
    {
        MinSize.Validators.Add(result =>
        {
            if (!ByteSize.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError("--min-size: give a size such as 4096, 64K or 1G.");
        });
        MinAge.Validators.Add(result =>
        {
            if (!Age.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError("--min-age: give an age such as 30d, 12h, 90m, 45s or 0.");
        });
        ToolCommand command = new("migrate", "Copy files to the store, then release their data from the shard: each becomes a stub of the same name, size and times. Pinned and empty files are left alone.",
            "clusterhsm migrate --recursive --min-age 30d --min-size 1M --exclude '*.tmp' /mnt/shared/projects")
        {
            Paths, Recursive, ArchiveOnly, Verify, MinSize, MinAge, Exclude, DryRun, Jobs, QuiesceTimeout, LeaseAlone, Json,
        };
        CommandRun.Set(command, Json, (run, parsed, cancel) =>
        {
            run.OutlivesReader = !parsed.GetValue(DryRun);
            return ShardVisit.ForEachAsync(run, parsed.GetRequiredValue(Paths), (volume, paths) => RunAsync(run, parsed, volume, paths, cancel), cancel);
        });
        return command;
    }

    private static async Task RunAsync(CommandRun run, ParseResult parsed, HsmVolume volume, IReadOnlyList<string> paths, CancellationToken cancel)
    {
        _ = ByteSize.TryParse(parsed.GetValue(MinSize), out long minSize);
        _ = Age.TryParse(parsed.GetValue(MinAge) ?? "0", out TimeSpan minAge);
        var filter = new MigrationFilter(minSize, minAge, minAge > TimeSpan.Zero ? volume.ReadShardTime() : null, parsed.GetValue(Exclude) ?? []);
        bool isRecursive = parsed.GetValue(Recursive);
        await using var report = new TransferReport(run, volume.Root, "archiving");
        IEnumerable<FileStatus> files = FileSelection.Select(report.Fail, volume, paths, isRecursive, cancel).Where(Takes);
        bool archiveOnly = parsed.GetValue(ArchiveOnly);
        if (parsed.GetValue(DryRun))
        {
            run.Cancellation = "nothing was changed, and the same command begins again";
            foreach (FileStatus file in files)
                Announce(run, volume.Root, file, archiveOnly);
            report.FinishDryRun();
            return;
        }
        var options = new MigrationOptions
        {
            Jobs = parsed.GetValue(Jobs),
            VerifyCopies = parsed.GetValue(Verify),
            Progress = report,
            Transfers = report.Line.Pieces,
            Handover = new HandoverOptions
            {
                QuiesceTimeout = TimeSpan.FromSeconds(parsed.GetValue(QuiesceTimeout)),
                ProceedOnLeaseAlone = parsed.GetValue(LeaseAlone),
            },
        };
        report.Line.CountAhead(end => FileSelection.Select(volume, paths, isRecursive, end).Where(file => filter.WhyNot(file) is null), static file => file.Size);
        IEnumerable<string> names = report.Line.Watch(files, static file => file.State == FileState.Regular).Select(file => file.Path);
        await report.RunAsync(() => archiveOnly ? volume.ArchiveAsync(names, options, cancel) : volume.MigrateAsync(names, options, cancel));

        bool Takes(FileStatus file)
        {
            if (filter.WhyNot(file) is not { } reason)
                return true;
            report.LeaveOut(file.Path, reason);
            return false;
        }
    }

    /// <summary>Says what would be done with a file; nothing for one that would be skipped, or is migrated already.</summary>
    private static void Announce(CommandRun run, string root, FileStatus file, bool archiveOnly)
    {
        string path = ShardPath.Display(root, file.Path);
        if (DamagedRecord.Of(file, root) is { } damaged)
        {
            run.Fail(damaged);
            return;
        }
        bool archive = file.State == Stubs.FileState.Regular;
        bool release = !archiveOnly;
        if (file.IsStub || file.IsPinned || file.Size == 0 || !(archive || release))
            return;
        string what = archive ? release ? "archive and release" : "archive" : "release";
        if (run.Json is null)
            Console.Out.WriteLine($"would {what} {Text.OneLine(path)} ({Text.Bytes(file.Size)})");
        run.Json?.Write(line =>
        {
            line.WriteName("path", path);
            line.WriteBoolean("wouldArchive", archive);
            line.WriteBoolean("wouldRelease", release);
            line.WriteNumber("size", file.Size);
        });
    }
}
