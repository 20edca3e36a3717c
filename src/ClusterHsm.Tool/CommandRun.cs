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
        Json = json ? new JsonLines(new OutputStream()) : null;
    }

    public ProgressLine Progress { get; }

    /// <summary>
    /// The same for a command that writes one line for each file: nothing unless these go into a file. On a terminal they are its progress,
    /// and what reads a pipe, such as <c>less</c>, may draw on the terminal by itself.
    /// </summary>
    public ProgressLine ProgressBesideOutput => StandardOutput.IsFile ? Progress : ProgressLine.Unseen;

    public FailureLog Failures { get; }

    /// <inheritdoc cref="OutputStream.OutlivesReader"/>
    public bool OutlivesReader { get => OutputStream.OutlivesReader; set => OutputStream.OutlivesReader = value; }

    /// <summary>What a cancelled command leaves, and whether it goes on from there; null for one that ends in no other way.</summary>
    public string? Cancellation { get; set; } = "what was done stays done, and the same command goes on from there";

    /// <summary>Where results go with <c>--json</c>, else null.</summary>
    public JsonLines? Json { get; }

    /// <summary>A failure that is not of a file in work: on standard error, and with <c>--json</c> as an object, too, for a program that reads only these.</summary>
    public void Fail(HsmException failure) => Fail(failure, failure.Path);

    /// <summary>The same where the user knows what it is about by another path than the failure's own.</summary>
    public void Fail(HsmException failure, string path) => Fail((int)failure.Error, path, failure.Message);

    /// <summary>One that was told and not thrown, in the same words.</summary>
    public void Fail(HsmError error, string path, string cause, string remedy) => Fail((int)error, path, $"{path}: {cause}. {remedy}.");

    private void Fail(int code, string path, string message)
    {
        Failures.Add(code, message);
        Json?.Write(line => FailureJson.Write(line, path, message));
    }

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
                try
                {
                    await body(run, parsed, cancel);
                }
                catch (HsmException failure)
                {
                    run.Fail(failure);
                }
                run.Json?.Flush();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                if (run.Cancellation is { } words)
                    run.Failures.Note($"cancelled; {words}");
                return ExitCodes.Cancelled;
            }
            catch (ClosedOutputException)
            {
                return ExitCodes.ClosedOutput;
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
