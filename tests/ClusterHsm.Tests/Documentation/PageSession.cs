using System.Diagnostics;
using System.Text;

namespace ClusterHsm.Tests.Documentation;

/// <summary>One shell in a fresh folder, in which the commands of a page are typed one after the other.</summary>
internal sealed class PageSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _shell;
    private readonly string _end = $"end of command {Guid.NewGuid():N}";

    /// <param name="folder">Where it begins, and its home.</param>
    /// <param name="prepare">Changes its environment.</param>
    public PageSession(string folder, Action<ProcessStartInfo> prepare)
    {
        ProcessStartInfo start = new("bash", ["--noprofile", "--norc"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        prepare(start);
        start.Environment["HOME"] = folder;
        _shell = Process.Start(start)!;
        _shell.StandardInput.WriteLine("exec 2>&1");
    }

    /// <summary>Types a command.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> TypeAsync(string command)
    {
        using CancellationTokenSource patience = new(Patience);
        await _shell.StandardInput.WriteLineAsync($"{command}\necho '{_end}'");
        await _shell.StandardInput.FlushAsync(patience.Token);
        StringBuilder printed = new();
        while (await _shell.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line == _end)
                return printed.ToString();
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
