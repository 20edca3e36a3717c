using System.Diagnostics;
using FluentAssertions;

namespace ClusterHsm.Tests.Volume;

/// <summary>Another process that knows nothing of the library: a shell, in the shard's root.</summary>
internal sealed class ForeignShell : IDisposable
{
    private readonly Process _process;

    public ForeignShell(LocalShard shard) : this(new NodePlace(shard.Root, []))
    {
    }

    /// <param name="place">Where it runs: on another mount, perhaps, in another network.</param>
    public ForeignShell(NodePlace place)
    {
        string[] command = [.. place.Command, "/bin/sh", "-c", "cd \"$0\" && while read -r line; do eval \"$line\"; echo \"done $?\"; done", place.Root];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

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
