using System.Diagnostics;
using System.Runtime.Versioning;
using ClusterHsm.Endurance;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A node in another process, which does what the test says.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PuppetNode : IAsyncDisposable
{
    private static readonly string Program = Path.ChangeExtension(typeof(Puppet).Assembly.Location, "dll");

    private readonly Process _process;

    private PuppetNode(Process process, string root) => (_process, Root) = (process, root);

    /// <summary>The shard as it sees it.</summary>
    public string Root { get; }

    /// <param name="shard">The shard that it joins.</param>
    /// <param name="user">The number of the user that it runs as; null: as this process.</param>
    public static async Task<PuppetNode> StartAsync(LocalShard shard, uint? user = null)
    {
        NodePlace place = shard.PlaceNode();
        string[] command = ["dotnet", "exec", Program, "puppet", place.Root];
        if (user is { } id)
        {
            string[] becoming = ["setpriv", "--reuid", $"{id}", "--regid", $"{id}", "--clear-groups"];
            using Process trial = Start([.. becoming, "test", "-r", Program]);
            await trial.WaitForExitAsync();
            if (trial.ExitCode != 0)
                Assert.Ignore($"The user {id} cannot read the test's own programs, or there is no 'setpriv'.");
            command = [.. becoming, .. command];
        }
        PuppetNode node = new(Start([.. place.Command, .. command]), place.Root);
        if (await node._process.StandardOutput.ReadLineAsync() != "ready")
            Assert.Fail(await node._process.StandardError.ReadToEndAsync());
        return node;
    }

    public async Task<string> AskAsync(params string[] words)
    {
        await _process.StandardInput.WriteLineAsync(string.Join('\t', words));
        return await _process.StandardOutput.ReadLineAsync() ?? await _process.StandardError.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
