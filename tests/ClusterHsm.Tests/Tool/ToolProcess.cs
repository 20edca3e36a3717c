using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace ClusterHsm.Tests.Tool;

/// <summary>Runs the built command as a process of its own.</summary>
internal static class ToolProcess
{
    /// <summary>What no test comes near; a process that hangs must not hang the tests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static string Program { get; } = Path.ChangeExtension(typeof(ClusterHsm.Tool.ByteSize).Assembly.Location, "dll");

    public static Task<ToolResult> RunAsync(params IEnumerable<string> args) => FinishAsync(Start("dotnet", ["exec", Program, .. args]));

    /// <summary>As the user 'nobody'. Only root may.</summary>
    public static Task<ToolResult> RunAsNobodyAsync(params IEnumerable<string> args) => FinishAsync(Start("setpriv",
        ["--reuid", "65534", "--regid", "65534", "--clear-groups", "dotnet", "exec", Program, .. args]));

    /// <summary>A script of the shell, in which <c>clusterhsm</c> is the command and <c>$1</c>, <c>$2</c> … are the arguments.</summary>
    public static Task<ToolResult> RunScriptAsync(string script, params IEnumerable<string> args) =>
        FinishAsync(Start("sh", ["-c", Prologue + script, "sh", .. args]));

    /// <summary>The same in a mount namespace of its own, so that no mount outlives the script. Only root may.</summary>
    public static Task<ToolResult> RunMountScriptAsync(string script, params IEnumerable<string> args) =>
        FinishAsync(Start("unshare", ["--mount", "sh", "-c", Prologue + script, "sh", .. args]));

    public static Process Start(string program, IEnumerable<string> args)
    {
        // Whoever starts the tests in the background of a shell has them ignore SIGINT, and a process inherits that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", program, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // 'nobody' has no home, and a test no need of any of this.
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start)!;
    }

    public static async Task<ToolResult> FinishAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            using CancellationTokenSource patience = new(Patience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
            return new ToolResult(process.ExitCode, await output, await errors);
        }
    }

    private static string Prologue => $"set -e; clusterhsm() {{ dotnet exec '{Program}' \"$@\"; }}\n";
}

/// <summary>How a process ended, and what it said.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Each line of the output as a JSON object.</summary>
    public JsonElement[] Objects => Array.ConvertAll(Lines, line => JsonDocument.Parse(line).RootElement);

    /// <summary>The exit code and standard error, so that a failed comparison shows the reason.</summary>
    public (int ExitCode, string Errors) End => (ExitCode, Errors);
}
