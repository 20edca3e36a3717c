using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Standard output and error that cannot be written: said where that can be, no trace of a stack, and nothing left half done for it.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ClosedStreamTests : ToolFixture
{
    [TestCase("status --json \"$1\" >&-")]
    [TestCase("status --json \"$1\" >/dev/full")]
    [TestCase("status \"$1\" >&-")]
    [TestCase("--help >&-")]
    [TestCase("--help >/dev/full")]
    [TestCase("--version >/dev/full")]
    public async Task Output_that_cannot_be_written_is_one_line_and_1(string line)
    {
        Shard.Write("f", 100);

        ToolResult result = await ToolProcess.RunScriptAsync("clusterhsm " + line, Shard.PathOf("f"));

        result.ExitCode.Should().Be(1, result.Errors);
        result.Errors.Should().StartWith("clusterhsm: standard output cannot be written: ").And.NotContain("   at ");
        result.Errors.Count(character => character == '\n').Should().Be(1, result.Errors);
    }

    [TestCase("2>&-")]
    [TestCase("2>/dev/full")]
    public async Task Nobody_who_hears_of_it_does_not_keep_a_migration_from_its_end(string redirection)
    {
        byte[] bytes = Shard.Write("f", 5000);
        Shard.Write("pinned", 5000);
        await PinAsync("pinned");
        await ArchiveAsync("f");

        ToolResult result = await ToolProcess.RunScriptAsync($"clusterhsm migrate \"$1\" \"$2\" {redirection}", Shard.PathOf("pinned"), Shard.PathOf("f"));

        result.ExitCode.Should().Be(0, result.Errors);
        (await StateAsync("f")).Should().Be(ClusterHsm.Stubs.FileState.Released);
        (await ReadAsync("f")).Should().Equal(bytes);
    }
}
