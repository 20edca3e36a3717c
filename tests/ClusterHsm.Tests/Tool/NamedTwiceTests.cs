using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>A file that a command line stands for in several ways is taken once: in a transfer it would meet itself.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class NamedTwiceTests : ToolFixture
{
    [SetUp]
    public void Write()
    {
        Shard.Write("d/f", 5000);
        Shard.Write("d/e/g", 5000);
        Shard.Write("df", 5000);
    }

    [TestCase("d/f d/f ./d/f d/../d/f", new[] { "d/f" })]
    [TestCase("d/f gone gone", new[] { "d/f" }, 23)]
    [TestCase("-r d d/f", new[] { "d/f", "d/e/g" })]
    [TestCase("-r d/e/g d d/e", new[] { "d/f", "d/e/g" })]
    [TestCase("-r . d", new[] { "df", "d/f", "d/e/g" })]
    [TestCase("-r d/ d/e/ df", new[] { "df", "d/f", "d/e/g" })]
    [TestCase("-r d/gone d", new[] { "d/f", "d/e/g" }, 23)]
    public async Task Each_file_is_shown_once(string paths, string[] files, int status = 0)
    {
        ToolResult result = await ToolProcess.RunScriptAsync($"cd \"$1\"; clusterhsm status --json {paths}", Shard.Root);

        result.ExitCode.Should().Be(status, result.Errors);
        result.Objects.Where(line => line.TryGetProperty("state", out _)).Select(line => line.GetProperty("path").GetString())
            .Should().BeEquivalentTo(files.Select(Shard.PathOf));
        result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(status == 0 ? 0 : 1);
    }

    [Test]
    public async Task A_migration_does_not_meet_itself()
    {
        ToolResult result = await ToolProcess.RunScriptAsync("cd \"$1\"; clusterhsm migrate d/f d/f ./d/f d/../d/f", Shard.Root);

        result.End.Should().Be(Done);
        result.Output.Should().StartWith("archived 1 (4.9 KiB), released 1 (4.9 KiB), cluster strict");
        (await StateAsync("d/f")).Should().Be(FileState.Released);
    }
}
