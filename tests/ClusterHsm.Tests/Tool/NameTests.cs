using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>File names as they come.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class NameTests : ToolFixture
{
    [TestCase("two words")]
    [TestCase("two\nlines\tand 'quotes\"")]
    [TestCase("--recursive")]
    [TestCase("@response")]
    [TestCase("grün-𐍈-日本")]
    [TestCase("*")]
    [TestCase("back\\slash")]
    [TestCase(null)]
    public async Task Any_name_is_migrated_shown_and_read(string? name)
    {
        name ??= new string('n', 255);
        byte[] bytes = Shard.Write(name, 5000);

        ToolResult migrated = await ToolProcess.RunAsync("migrate", "--", Shard.PathOf(name));
        ToolResult json = await ToolProcess.RunAsync("status", "--json", "--", Shard.PathOf(name));
        ToolResult text = await ToolProcess.RunAsync("status", "--", Shard.PathOf(name));
        ToolResult read = await ToolProcess.RunAsync("cat", "--", Shard.PathOf(name));

        (migrated.End, json.End, text.End, read.End).Should().Be((Done, Done, Done, Done));
        json.Objects.Single().GetProperty("path").GetString().Should().Be(Shard.PathOf(name));
        text.Lines.Should().HaveCount(2, "a name forges no line");
        (await StateAsync(name)).Should().Be(FileState.Archived);
        (await ReadAsync(name)).Should().Equal(bytes);
    }

    [Test]
    public async Task A_relative_name_is_found_from_the_working_folder()
    {
        Shard.Write("d/--dry-run", 5000);

        ToolResult result = await ToolProcess.RunScriptAsync("cd \"$1\"; clusterhsm migrate -- --dry-run; clusterhsm status --json ../d/--dry-run", Shard.PathOf("d"));

        result.End.Should().Be(Done);
        result.Output.Should().Contain("\"state\":\"released\"");
    }

    [Test]
    public async Task A_name_that_is_not_UTF_8_is_taken_by_its_bytes_from_the_command_line_and_from_a_folder()
    {
        const string script = """
            name="$1/$(printf 'caf\351 \377')"
            printf 'the bytes' > "$name"
            clusterhsm migrate --json "$name"
            clusterhsm status --json -r "$1"
            clusterhsm status "$name"
            clusterhsm cat "$name"
            rm "$name"
            """;

        ToolResult result = await ToolProcess.RunScriptAsync(script, Shard.Root);

        result.End.Should().Be(Done);
        string path = Shard.Root + @"/caf\udce9 \udcff";
        result.Lines[^1].Should().Be("the bytes");
        result.Output.Should().Contain($$"""{"path":"{{path}}","action":"released",""");
        result.Output.Should().Contain($$"""{"path":"{{path}}","state":"released",""");
        result.Lines.Should().Contain(line => line.Contains(Shard.Root + @"/caf\xe9 \xff  ["));
    }
}
