using System.CommandLine;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>What every command needs while it runs.</summary>
internal sealed class CommandRun : IDisposable
{
    private CommandRun(bool json)
    {
        // Objects on a terminal would be written into the line.
        Progress = new ProgressLine(Terminal.CanRedrawError && !(json && !Console.IsOutputRedirected));
        Failures = new FailureLog(Progress);
        Json = json ? new JsonLines(new NamedOutput()) : null;
    }

    public ProgressLine Progress { get; }

    /// <summary>
    /// The same for a command that writes one line for each file: nothing unless these go into a file. On a terminal they are its progress,
    /// and what reads a pipe, such as <c>less</c>, may draw on the terminal by itself.
    /// </summary>
    public ProgressLine ProgressBesideOutput => StandardOutput.IsFile ? Progress : ProgressLine.Unseen;

    public FailureLog Failures { get; }

    /// <summary>Whether it is told what a cancelled command leaves; not by one that only looks.</summary>
    public bool TellsOfCancellation { get; set; } = true;

    /// <summary>Where results go with <c>--json</c>, else null.</summary>
    public JsonLines? Json { get; }

    /// <summary>Has the command run <paramref name="body"/>, and turns the way it ends into an exit code.</summary>
    public static void Set(Command command, Option<bool>? json, Func<CommandRun, ParseResult, CancellationToken, Task> body)
    {
        command.SetAction(async (parsed, cancel) =>
        {
            using var run = new CommandRun(json is not null && parsed.GetValue(json));
            // The parser listens to Ctrl-C only once this has returned for the first time.
            await Task.Yield();
            try
            {
                await body(run, parsed, cancel);
                run.Json?.Flush();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                if (run.TellsOfCancellation)
                    run.Failures.Note("cancelled; what was done stays done, and the same command goes on from there");
                return ExitCodes.Cancelled;
            }
            catch (ClosedOutputException)
            {
                return ExitCodes.ClosedOutput;
            }
            catch (HsmException failure)
            {
                run.Failures.Add(failure);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
            {
                run.Failures.AddUnnamed(failure.Message);
            }
            return run.Failures.ExitCode;
        });
    }

    public void Dispose()
    {
        Progress.Dispose();
        try
        {
            Json?.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A failure to write was told when it first came up.
        }
    }
}
