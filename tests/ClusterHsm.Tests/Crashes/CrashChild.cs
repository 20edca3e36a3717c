using System.Diagnostics;
using System.Globalization;
using ClusterHsm.NodeProcess;
using ClusterHsm.Tests.Volume;

namespace ClusterHsm.Tests.Crashes;

/// <summary>Runs work on a shard in a process that kills itself before one durable step, or after the last (ClusterHsm.NodeProcess).</summary>
internal static class CrashChild
{
    private const int Killed = 128 + 9;

    /// <param name="place">The shard.</param>
    /// <param name="fatal">The number of the step; 0: it lives.</param>
    /// <param name="work">What it does.</param>
    /// <returns>The steps that it came to; the last is the one that it did not take, unless it had taken all.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(LocalShard place, int fatal, params string[] work)
    {
        string program = Path.ChangeExtension(typeof(CrashRun).Assembly.Location, "dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", program, "crash", place.Root, place.StoreFolder, fatal.ToString(CultureInfo.InvariantCulture), .. work])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_TieredPGO"] = "0" }, // it lives too short for that to pay
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(NodeChild.Patience);
        if (process.ExitCode != (fatal == 0 ? 0 : Killed))
            throw new InvalidOperationException($"The child ended with {process.ExitCode}: {await errors}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
