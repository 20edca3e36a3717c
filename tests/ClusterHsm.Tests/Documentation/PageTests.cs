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
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)] // most of the time is waiting for processes
public sealed partial class PageTests
{
    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("clusterhsm-page-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>These need the packages: <see cref="Packaging.NewUserTests"/> and <see cref="Packaging.PackageTests"/> play them.</summary>
    private static readonly string[] WithPackages = ["docs/getting-started.md", "docs/hosting.md"];

    private static IEnumerable<string> WithTheCommandAlone =>
        Page.All.Where(static page => page.Blocks.Any(static block => block.Language == "console")).Select(static page => page.Name).Except(WithPackages);

    [TestCaseSource(nameof(WithTheCommandAlone))]
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
    public async Task The_command_runs_from_the_tree_as_the_README_says()
    {
        string line = Page.Of("README.md").Spans.Single(static span => span.StartsWith("dotnet run --project src/ClusterHsm.Tool", StringComparison.Ordinal));
        using PageSession session = new(_folder, static start => start.Environment["DOTNET_NOLOGO"] = "1");
        await session.TypeAsync($"cd '{SourceTree.Root}'");

        Typed help = await session.TypeAsync(AsBuilt(line).Replace("…", "migrate --help", StringComparison.Ordinal));

        help.Status.Should().Be(0, help.Printed);
        help.Printed.Should().Contain("Usage:\n  clusterhsm migrate ");
    }

    [Test]
    public void Every_reason_to_be_strict_and_every_error_has_its_line()
    {
        string page = Page.Of("docs/operations.md").Prose;
        foreach (ModeReason reason in Enum.GetValues<ModeReason>())
            page.Should().Contain($"\n| `{reason}` | ");
        foreach (HsmError error in Enum.GetValues<HsmError>())
            page.Should().Contain($"\n| {(int)error} | `{error}` | ");
    }

    /// <summary>The tests play pages in a tree that is built already, so that they would not notice.</summary>
    [Test]
    public void No_page_runs_without_a_build_what_it_has_not_built()
    {
        foreach (Page page in Page.All)
        {
            string[] lines = [.. page.Blocks.Where(static block => block.Language == "console").SelectMany(static block => ConsoleBlock.CommandsOf(block.Text)).Select(static command => command.Line)];
            for (int line = 0; line < lines.Length; line++)
                foreach (Match unbuilt in RunWithoutBuild().Matches(lines[line]))
                    lines[..line].Should().Contain(earlier => earlier.StartsWith($"dotnet build {unbuilt.Groups[1].Value} ", StringComparison.Ordinal), $"{page} has {lines[line]}");
        }
    }

    [Test]
    public void Every_link_of_the_pages_leads_to_a_file()
    {
        foreach (Page page in Page.All)
            foreach (string link in Link().Matches(page.Prose).Select(static link => link.Groups[1].Value))
                Path.Exists(Path.Combine(Path.GetDirectoryName(SourceTree.PathOf(page.Name))!, link)).Should().BeTrue($"{page} links to {link}");
    }

    /// <summary>Types what a page shows and compares what is printed; a command that fails fails the test.</summary>
    /// <param name="session">Where.</param>
    /// <param name="name">The page.</param>
    /// <param name="folder">What is <c>/home/you</c> on the page.</param>
    /// <param name="adapt">Puts this machine's paths in place of the page's.</param>
    /// <param name="other">Is given the blocks that are no commands, in their place.</param>
    internal static async Task PlayAsync(PageSession session, string name, string folder, Func<string, string>? adapt = null, Action<Block>? other = null)
    {
        foreach (Block block in Page.Of(name).Blocks)
        {
            if (block.Language != "console")
            {
                other?.Invoke(block);
                continue;
            }
            foreach (ConsoleCommand command in ConsoleBlock.CommandsOf(block.Text))
            {
                Typed typed = await session.TypeAsync(adapt?.Invoke(command.Line) ?? command.Line);
                string because = $"{block} has\n$ {command.Line}\nand that printed\n{typed.Printed}";
                ConsoleBlock.Normalize(typed.Printed, folder).Should().Be(ConsoleBlock.Normalize(command.Expected, folder), because);
                typed.Status.Should().Be(0, because);
            }
        }
    }

    /// <summary>The same command, with what is built as these tests are in place of a build of its own.</summary>
    internal static string AsBuilt(string command) => Built().Replace(command, $"$1 --no-build$2 -c {SourceTree.Configuration}");

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\bdotnet run\b(?=.* --no-build\b).*? --project (\S+)")]
    private static partial Regex RunWithoutBuild();

    [GeneratedRegex(@"\b(dotnet (?:run|pack))(?: --no-build)?\b(.*?) -c Release\b")]
    private static partial Regex Built();
}
