using System.CommandLine;
using System.Diagnostics;
using ClusterHsm.Diagnostics;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm doctor</c>.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The root of a shard, any path on it, or a folder that is to become one." };
        Option<string?> peer = new("--peer")
        {
            HelpName = "MOUNT",
            Description = "Another mount of the same volume on this computer, best by another client of the file system; the second process works there. Without it, both use ROOT.",
        };
        Option<string?> via = new("--via")
        {
            HelpName = "COMMAND",
            Description = "Start the second process on another computer, by this command and words, such as 'ssh node2'. This program and the volume must be at the same paths there, or the volume at --peer.",
        };
        Option<bool> listen = new("--listen")
        {
            Description = "Wait here, and be the second process of a 'doctor --connect' on another computer; ends with it. The two write to each other in two files on the volume, which are removed.",
        };
        Option<bool> connect = new("--connect")
        {
            Description = "Use a 'doctor --listen' that waits, or soon waits, on another computer where the volume is mounted.",
        };
        Option<double> timeout = new("--timeout")
        {
            HelpName = "SECONDS",
            DefaultValueFactory = _ => DefaultTimeout.TotalSeconds,
            CustomParser = SharedOptions.Number<double>("--timeout", static seconds => seconds is > 0 and <= 3600, "give seconds, above 0 and at most 3600"),
            Description = "How long to wait for one answer of the file system or of the second process before it counts as hung.",
        };
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("doctor",
            "Find out by trying, with a second process, whether locks, records, data and holes work as a shard needs them, and whether the shard is in order. Changes no file: trials are made in a folder of their own, which is removed.",
            "clusterhsm doctor /mnt/shared", "clusterhsm doctor /mnt/shared --peer /mnt/shared-by-another-client",
            "clusterhsm doctor /mnt/shared --via 'ssh node2'", "clusterhsm doctor /mnt/shared --listen", "clusterhsm doctor /mnt/shared --connect")
        { root, peer, via, listen, connect, timeout, json };
        command.Validators.Add(result =>
        {
            Option[] given = [.. new Option[] { peer, via, listen, connect }.Where(option => result.GetResult(option) is { Implicit: false })];
            if (given.Length > 1 && !given.SequenceEqual([peer, via]))
                result.AddError($"{given[0].Name}: does not go with {given[1].Name}.");
        });
        CommandRun.Set(command, json, async (run, parsed, cancel) =>
        {
            run.OutlivesReader = true;
            run.Cancellation = "it has come to no verdict, and the same command begins again";
            TimeSpan patience = TimeSpan.FromSeconds(parsed.GetValue(timeout));
            string directory = await LocateAsync(parsed.GetRequiredValue(root), patience, cancel);
            if (parsed.GetValue(listen))
            {
                Console.Error.WriteLine($"Waiting for 'clusterhsm doctor {Text.OneLine(directory)} --connect' on another computer.");
                await DoctorPartnerHost.ListenAsync(directory, PartnerProgram([], directory), cancel);
                return;
            }
            string[] elsewhere = parsed.GetValue(via)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            string partnerDirectory = parsed.GetValue(peer) is not { } mount ? directory
                : elsewhere.Length > 0 ? mount : await LocateAsync(mount, patience, cancel);
            DoctorReport report = await ShardDoctor.ExamineAsync(directory, new DoctorOptions
            {
                Partner = parsed.GetValue(connect) ? null : PartnerProgram(elsewhere, partnerDirectory),
                PartnerHasAnotherMount = parsed.GetValue(peer) is not null || parsed.GetValue(connect) || elsewhere.Length > 0,
                AnswerTimeout = patience,
                Progress = new DoctorText(run),
            }, cancel);
            DoctorText.Finish(run, report);
        });
        return command;
    }

    /// <summary>The shard's root if the path is on one, else the path. Asked on another thread, because a mount may hang.</summary>
    private static async Task<string> LocateAsync(string path, TimeSpan patience, CancellationToken cancel)
    {
        string full = FullPath.Of(path);
        try
        {
            return await Task.Run(() => HsmShard.FindRoot(full), cancel).WaitAsync(patience, cancel) ?? full;
        }
        catch (TimeoutException)
        {
            throw new IOException($"{full}: its file system did not answer within {patience.TotalSeconds:0.#} s. See whether the mount has lost its server.");
        }
    }

    /// <summary>This program once more: its own file, or the host with its assembly; started by a command, or directly if it is empty.</summary>
    private static ProcessStartInfo PartnerProgram(string[] startedBy, string root)
    {
        string program = Environment.ProcessPath ?? throw new IOException("This program cannot find its own file, to start a second process.");
        string[] assembly = Path.GetFileNameWithoutExtension(program) == "dotnet" ? ["exec", Path.Combine(AppContext.BaseDirectory, "ClusterHsm.Tool.dll")] : [];
        string[] command = [.. startedBy, program, .. assembly, DoctorPartnerCommand.Name, "--", root];
        return new ProcessStartInfo(command[0], command[1..]);
    }
}
