using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClusterHsm.Tests.Documentation;

/// <summary>How a command ended, and what it said.</summary>
internal sealed record Typed(int Status, string Printed);

/// <summary>One shell in a fresh folder, in which the commands of a page are typed one after the other.</summary>
internal sealed class PageSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _shell;
    private readonly string _end = $"end of command {Guid.NewGuid():N}";

    /// <param name="folder">Where it begins, and its home unless <paramref name="prepare"/> gives it another.</param>
    /// <param name="prepare">Changes its environment.</param>
    public PageSession(string folder, Action<ProcessStartInfo> prepare)
    {
        ProcessStartInfo start = new("bash", ["--noprofile", "--norc"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["HOME"] = folder;
        prepare(start);
        _shell = Process.Start(start)!;
        _shell.StandardInput.WriteLine("exec 2>&1; set -o pipefail");
    }

    /// <summary>Types a command.</summary>
    /// <returns>Its exit status, which of a pipe is that of the last part that failed, and what it printed.</returns>
    public async Task<Typed> TypeAsync(string command)
    {
        using CancellationTokenSource patience = new(Patience);
        await _shell.StandardInput.WriteLineAsync($"{command}\nprintf '\\n%s %s\\n' '{_end}' $?");
        await _shell.StandardInput.FlushAsync(patience.Token);
        StringBuilder printed = new();
        while (await _shell.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith(_end, StringComparison.Ordinal))
                return new Typed(int.Parse(line.AsSpan(_end.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture), printed.ToString());
            printed.AppendLine(line);
        }
        throw new InvalidOperationException($"The shell ended: {printed}");
    }

    public void Dispose()
    {
        _shell.Kill(entireProcessTree: true);
        _shell.WaitForExit();
        _shell.Dispose();
    }
}
