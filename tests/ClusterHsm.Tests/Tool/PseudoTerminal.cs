using System.Diagnostics;
using System.Text;
using ClusterHsm.Tests.Volume;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>The command on a terminal of its own, which <c>script</c> makes. Killed when it is disposed.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const string Interrupt = "\u0003";

    private readonly Process _script;
    private readonly StringBuilder _written = new();

    private PseudoTerminal(Process script) => _script = script;

    /// <summary>All that the command has written so far, that was read.</summary>
    public string Written => _written.ToString();

    public static PseudoTerminal Start(int columns, int rows, params IEnumerable<string> args) => Start(columns, rows, ["TERM=xterm"], args);

    /// <param name="columns">The terminal's width.</param>
    /// <param name="rows">Its height.</param>
    /// <param name="environment">Variables, as <c>NAME=value</c>; after them a program that runs the command may be named, with its arguments.</param>
    /// <param name="args">The command's arguments.</param>
    public static PseudoTerminal Start(int columns, int rows, IEnumerable<string> environment, params IEnumerable<string> args)
    {
        if (!File.Exists("/usr/bin/script"))
            Assert.Ignore("/usr/bin/script, which makes terminals, is not installed");
        string command = string.Join(' ', new[] { "env" }.Concat(environment).Concat(["dotnet", "exec", ToolProcess.Program]).Concat(args).Select(Quoted));
        return new PseudoTerminal(ToolProcess.Start("script",
            ["--quiet", "--return", "--flush", "--command", $"stty columns {columns} rows {rows}; exec {command}", "/dev/null"]));
    }

    /// <summary>Reads until a text has come.</summary>
    public async Task ReadUntilAsync(string text, string why = "")
    {
        while (!Written.Contains(text, StringComparison.Ordinal))
        {
            if (!await ReadAsync())
                throw new InvalidOperationException($"It ended before it wrote '{text}' {why}: {Written}");
        }
    }

    /// <summary>Types Ctrl-C.</summary>
    public async Task InterruptAsync()
    {
        await _script.StandardInput.WriteAsync(Interrupt);
        await _script.StandardInput.FlushAsync();
    }

    /// <summary>Reads the rest.</summary>
    /// <returns>The command's exit code.</returns>
    public async Task<int> FinishAsync()
    {
        while (await ReadAsync())
        {
        }
        await _script.WaitForExitAsync();
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
            _script.Kill(entireProcessTree: true);
        _script.WaitForExit();
        _script.Dispose();
    }

    private async Task<bool> ReadAsync()
    {
        using CancellationTokenSource patience = new(NodeChild.Patience);
        char[] piece = new char[4096];
        int read = await _script.StandardOutput.ReadAsync(piece, patience.Token);
        _written.Append(piece, 0, read);
        return read > 0;
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
