using System.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>What <c>import</c> says of files that are no exports, or no more.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ForeignExportTests : ToolFixture
{
    private string _file = null!, _good = null!;

    [SetUp]
    public async Task Export()
    {
        _file = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "stubs.jsonl");
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        await using (HsmVolume volume = await Shard.OpenAsync())
            _good = volume.Export("f")!.ToString();
        File.Delete(Shard.PathOf("f"));
    }

    [TestCase("clusterhsm import \"$1\" \"$2\"")]
    [TestCase("clusterhsm import \"$1\" < \"$2\"")]
    public async Task A_mark_of_the_encoding_is_passed_over(string script)
    {
        await File.WriteAllTextAsync(_file, _good + "\n", Encoding.UTF8);

        ToolResult result = await ToolProcess.RunScriptAsync(script, Shard.Root, _file);

        result.End.Should().Be(Done);
        result.Output.Should().StartWith("imported 1");
    }

    [Test]
    public async Task A_line_is_told_by_its_number_in_the_file_alone()
    {
        await File.WriteAllLinesAsync(_file, ["", _good, "{garbage"]);

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, _file);

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord);
        result.Errors.Should().StartWith($"clusterhsm: {_file}, line 3: it is no export: it is not the JSON of an export: ")
            .And.NotContain("LineNumber").And.NotContain("BytePosition").And.EndWith(". Nothing was made of this line. Export it again.\n");
        result.Errors.Should().NotContain("..");
        result.Output.Should().Contain("imported 1, failed 1");
    }

    [TestCase("\xE9")]
    [TestCase("{\"path\":\"\xE9")]
    public async Task Bytes_that_are_no_text_are_told_as_such(string line)
    {
        await File.WriteAllBytesAsync(_file, Encoding.Latin1.GetBytes(line));

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, _file);

        result.End.Should().Be((15, $"clusterhsm: {_file}, line 1: it is no export: its character {line.Length} is not UTF-8, or stands for one that was not. Nothing was made of this line. Export it again.\n"));
    }

    [Test]
    public async Task A_path_whose_bytes_were_lost_on_the_way_becomes_no_stub()
    {
        await File.WriteAllTextAsync(_file, _good.Replace("\"path\":\"f\"", "\"path\":\"\uFFFD\"", StringComparison.Ordinal));

        (await ToolProcess.RunAsync("import", Shard.Root, _file)).ExitCode.Should().Be(15);
        Directory.EnumerateFiles(Shard.Root).Should().BeEmpty();
    }

    [Test]
    public async Task A_file_that_is_something_else_is_given_up_soon()
    {
        byte[] bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(_file, bytes);

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, _file);

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord);
        string[] errors = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        errors.Should().HaveCount(21);
        errors[^1].Should().Be($"clusterhsm: {_file}: none of its first 20 lines is an export, and the others were not read. Nothing was made of it. Name what 'clusterhsm export' has written.");
    }

    [Test]
    public async Task An_export_with_many_damaged_lines_is_read_to_its_end()
    {
        await File.WriteAllLinesAsync(_file, [.. Enumerable.Repeat("{", 19), _good, .. Enumerable.Repeat("{", 30), _good.Replace("\"path\":\"f\"", "\"path\":\"g\"", StringComparison.Ordinal)]);

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, _file);

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord);
        result.Output.Should().Contain("imported 2, failed 49");
    }
}
