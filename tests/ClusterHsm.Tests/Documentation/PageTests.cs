using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using ClusterHsm.Tests.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Documentation;

/// <summary>The pages of the documentation do as they say.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed partial class PageTests
{
    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("clusterhsm-page-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("backup")]
    [TestCase("file-format")]
    [TestCase("migrator")]
    [TestCase("operations")]
    [TestCase("platforms")]
    public async Task What_a_page_says_that_its_commands_print_is_what_they_print(string page)
    {
        string tools = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, tool = Path.Combine(tools, "clusterhsm");
        await File.WriteAllTextAsync(tool, $"#!/bin/sh\nexec dotnet exec '{ToolProcess.Program}' \"$@\"\n");
        File.SetUnixFileMode(tool, (UnixFileMode)0b111_101_101);
        string home = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        using PageSession session = new(home, start => start.Environment["PATH"] = $"{tools}:{start.Environment["PATH"]}");

        await PlayAsync(session, page, home);
    }

    [Test]
    public void Every_reason_to_be_strict_and_every_error_has_its_line()
    {
        string page = TextOf("operations");
        foreach (ModeReason reason in Enum.GetValues<ModeReason>())
            page.Should().Contain($"\n| `{reason}` | ");
        foreach (HsmError error in Enum.GetValues<HsmError>())
            page.Should().Contain($"\n| {(int)error} | `{error}` | ");
    }

    [Test]
    public void Every_link_of_the_pages_leads_to_a_file()
    {
        string docs = SourceTree.PathOf("docs");
        IEnumerable<string> pages = [SourceTree.PathOf("README.md"), .. Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories)];
        foreach (string page in pages)
            foreach (string link in Link().Matches(File.ReadAllText(page)).Select(static link => link.Groups[1].Value))
                Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)).Should().BeTrue($"{page} links to {link}");
    }

    /// <summary>Types what a page shows and compares.</summary>
    internal static async Task PlayAsync(PageSession session, string page, string folder, Func<string, string>? adapt = null)
    {
        IReadOnlyList<ConsoleCommand> commands = ConsoleBlock.CommandsOf(TextOf(page));
        commands.Should().NotBeEmpty();
        foreach (ConsoleCommand command in commands)
        {
            string printed = await session.TypeAsync(adapt?.Invoke(command.Line) ?? command.Line);
            ConsoleBlock.Normalize(printed, folder).Should().Be(ConsoleBlock.Normalize(command.Expected, folder), $"{page}.md has\n$ {command.Line}\nand that printed\n{printed}");
        }
    }

    private static string TextOf(string page) => File.ReadAllText(SourceTree.PathOf($"docs/{page}.md"));

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex Link();
}
