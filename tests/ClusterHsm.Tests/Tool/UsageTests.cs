using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Wrong usage: exit code 2, and where to look.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UsageTests : ToolFixture
{
    [TestCase("")]
    [TestCase("nosuch")]
    [TestCase("status")]
    [TestCase("status --nosuch f")]
    [TestCase("migrate --dryrun f")]
    [TestCase("recall f -R")]
    [TestCase("verify --Deep")]
    [TestCase("cat a b")]
    [TestCase("init /tmp")]
    [TestCase("init /tmp --store here")]
    [TestCase("init /tmp/nowhere --store file:///tmp/nowhere/store")]
    [TestCase("init /tmp/nowhere --store file:///tmp/nowhere")]
    [TestCase("migrate --min-size much f")]
    [TestCase("migrate --min-size -1 f")]
    [TestCase("migrate --min-age 30 f")]
    [TestCase("migrate --min-age soon f")]
    [TestCase("migrate --min-age -1d f")]
    [TestCase("migrate --min-age 99999999999d f")]
    [TestCase("migrate --jobs 0 f")]
    [TestCase("migrate --quiesce-timeout -1 f")]
    [TestCase("watch --interval 0 f")]
    [TestCase("watch --count 0 f")]
    public async Task Wrong_usage_is_2_and_points_to_the_help(string line)
    {
        string[] args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        ToolResult result = await ToolProcess.RunAsync(args);

        (result.ExitCode, result.Output).Should().Be((2, ""), result.Errors);
        result.Errors.Should().StartWith("clusterhsm: ").And.Contain("See 'clusterhsm ").And.EndWith("--help'.\n");
    }
}
