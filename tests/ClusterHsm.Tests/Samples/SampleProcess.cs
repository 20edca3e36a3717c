using System.Diagnostics;
using ClusterHsm.Tests.Tool;

namespace ClusterHsm.Tests.Samples;

/// <summary>Runs a built sample as a process of its own.</summary>
internal static class SampleProcess
{
    public static Task<ToolResult> RunAsync(string sample, params IEnumerable<string> args) => ToolProcess.FinishAsync(Start(sample, args));

    public static Process Start(string sample, params IEnumerable<string> args) => ToolProcess.Start("dotnet", ["exec", PathOf(sample), .. args]);

    /// <summary>Built with the tests, in the same configuration.</summary>
    private static string PathOf(string sample)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return SourceTree.PathOf($"samples/{sample}/bin/{configuration}/net{Environment.Version.Major}.0/{sample}.dll");
    }
}
