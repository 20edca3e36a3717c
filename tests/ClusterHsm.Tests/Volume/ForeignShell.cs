using System.Diagnostics;
using FluentAssertions;

namespace ClusterHsm.Tests.Volume;

/// <summary>Another process that knows nothing of the library: a shell, in the shard's root.</summary>
internal sealed class ForeignShell : IDisposable
{
    private readonly Process _process;

    public ForeignShell(LocalShard shard) => _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while read -r line; do eval \"$line\"; echo \"done $?\"; done"])
    {
        WorkingDirectory = shard.Root,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>Runs a command and waits for its end.</summary>
    public void Run(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardOutput.ReadLine().Should().Be("done 0", command);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
