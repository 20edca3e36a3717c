using System.Diagnostics;
using ClusterHsm.Torture;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Torture;

/// <summary>A run of the torture that ends by a mistake of its own, and not by a wrong byte.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class BrokenRunTests
{
    [Test]
    public async Task A_run_that_throws_prints_its_seed_and_history_and_keeps_what_is_there()
    {
        string folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        try
        {
            string root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName, work = Directory.CreateDirectory(Path.Combine(folder, "work")).FullName;
            await File.WriteAllTextAsync(Path.Combine(root, "torture-5"), "in the way of the shard");
            using Process run = Process.Start(new ProcessStartInfo("dotnet",
                ["exec", Path.ChangeExtension(typeof(TortureRun).Assembly.Location, "dll"), "--root", root, "--work", work, "--seed", "5", "--seconds", "1", "--faults", "none"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = run.StandardError.ReadToEndAsync();
            string output = await run.StandardOutput.ReadToEndAsync();
            await run.WaitForExitAsync();

            run.ExitCode.Should().NotBe(0, await errors);
            output.Should().Contain("NOT RIGHT, seed 5:").And.Contain("the run itself ended: System.IO.IOException").And.Contain("the last of the history").And.Contain("kept: shard");
            output[output.IndexOf("the last of the history", StringComparison.Ordinal)..].Should().MatchRegex(@"parent +the run itself ended: ");
            Directory.EnumerateFiles(work, "history.txt", SearchOption.AllDirectories).Should().ContainSingle();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
