using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using ClusterHsm.Tool;
using ClusterHsm.Torture;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Documentation;

/// <summary>What the pages only name: it is tried elsewhere, or the table says why not; and what it names is there.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public sealed partial class DocumentedCommandTests
{
    private static readonly Command Tool = CommandLine.Build();

    private static IEnumerable<string> Pages => Page.Names;

    [TestCaseSource(nameof(Pages))]
    public void Every_command_of_a_page_is_tried_or_has_a_reason_why_not_and_names_what_there_is(string name)
    {
        Page page = Page.Of(name);
        foreach (DocumentedCommand command in DocumentedCommand.Of(page))
        {
            command.Fate.Should().NotBeNull($"{command}: DocumentedCommand.Fates has to say what tries it");
            Examine(command);
        }
    }

    [Test]
    public void A_command_has_a_test_or_a_job_of_CI_that_is_there_or_a_reason()
    {
        string ci = File.ReadAllText(SourceTree.PathOf(".ci/run"));
        foreach (CommandFate fate in DocumentedCommand.Fates)
        {
            (fate.Test ?? fate.Ci ?? fate.WhyNot).Should().NotBeNullOrEmpty(fate.Begin);
            if (fate.Ci is not null)
                ci.Should().Contain(fate.Ci);
        }
    }

    [TestCase("dotnet run --project tests/Absent -c Release")]
    [TestCase("dotnet run --project tests/ClusterHsm.Torture -c Release -- --root DIR --second 120")]
    [TestCase("dotnet run --project benchmarks/ClusterHsm.Benchmarks -c Release -- node")]
    [TestCase("dotnet run --project benchmarks/ClusterHsm.Benchmarks -c Release --filter '*InodeCacheHits*'")]
    [TestCase("dotnet test tests/ClusterHsm.Tests --filter FullyQualifiedName~Tests.NoSuchTests")]
    [TestCase("tests/ClusterHsm.Torture/without-rules 90 1 none,R99")]
    [TestCase("tests/ClusterHsm.Torture/without-rules 90 1 R1 --faults none,stopnode")]
    [TestCase("tests/cluster/torture-gluster")]
    [TestCase("tests/ClusterHsm.Torture/on-ext4 120 --may-file")]
    [TestCase("tests/cluster/vm-lab nfs|gfs3")]
    [TestCase("tests/cluster/absent")]
    public void A_command_that_names_what_there_is_not_is_found(string text)
    {
        Action examining = () => Examine(new DocumentedCommand("page.md", text));
        examining.Should().Throw<Exception>();
    }

    [TestCaseSource(nameof(Pages))]
    public void Every_verb_and_option_of_clusterhsm_that_a_page_names_exists(string name)
    {
        Page page = Page.Of(name);
        foreach (string span in page.Spans)
            ExamineTool(page.Name, span);
    }

    [TestCase("clusterhsm policy")]
    [TestCase("clusterhsm status --recursively PATH")]
    [TestCase("verify --deeper")]
    public void A_verb_or_option_that_clusterhsm_has_not_is_found(string span)
    {
        Action examining = () => ExamineTool("page.md", span);
        examining.Should().Throw<AssertionException>();
    }

    [Test]
    public void Every_option_in_the_table_of_the_README_is_one_of_its_commands()
    {
        string[] rows = [.. Page.Of("README.md").Prose.Split('\n').Where(static line => line.StartsWith("| `clusterhsm ", StringComparison.Ordinal))];
        rows.Should().NotBeEmpty();
        foreach (string row in rows)
        {
            string[] verbs = [.. Code().Matches(row.Split(" | ")[0]).Select(static code => code.Groups[1].Value.Replace("clusterhsm ", "", StringComparison.Ordinal).Split(' ')[0])];
            string[] options = [.. verbs.SelectMany(OptionsOf)];
            Option().Matches(row).Select(static option => option.Value).Should().BeSubsetOf(options, row);
        }
        Tool.Subcommands.Where(static verb => !verb.Hidden).Select(static verb => verb.Name).Should()
            .OnlyContain(name => rows.Any(row => Regex.IsMatch(row.Split(" | ")[0], $@"[` ]{name}\b")), "the table has them all");
    }

    [TestCaseSource(nameof(Pages))]
    public void Every_path_of_the_tree_that_a_page_names_exists(string name)
    {
        Page page = Page.Of(name);
        foreach (string span in page.Spans.Where(static span => InTree().IsMatch(span)))
            Path.Exists(SourceTree.PathOf(span)).Should().BeTrue($"{page} names {span}");
    }

    /// <summary>The projects, scripts, tests and options that a command names.</summary>
    private static void Examine(DocumentedCommand command)
    {
        string[] words = command.Words;
        string[] more = words.Contains("--") ? words[(Array.IndexOf(words, "--") + 1)..] : [];
        switch (words)
        {
            case ["dotnet", "run", "--project", var project, ..]:
                Directory.GetFiles(SourceTree.PathOf(project), "*.csproj").Should().ContainSingle($"{command}");
                ExamineProgram(command, project, more);
                break;
            case ["dotnet", "test", var project, ..]:
                Path.Exists(SourceTree.PathOf(project)).Should().BeTrue($"{command}");
                foreach (string filter in words.Where(static word => word.StartsWith("FullyQualifiedName~", StringComparison.Ordinal)))
                    Assembly.GetExecutingAssembly().GetTypes().Should().Contain(type => type.FullName!.Contains(filter.Split('~', 2)[1], StringComparison.Ordinal), $"{command}");
                break;
            case ["tests/ClusterHsm.Torture/without-rules", var seconds, var seed, var rules, .. var options]:
                (Number(seconds) + Number(seed)).Should().BePositive();
                foreach (string rule in rules.Split(',').Where(static rule => rule != "none"))
                    typeof(Rules).GetField(rule).Should().NotBeNull($"{command}: {rule} is no rule");
                TortureOptions.Parse(["--root", "DIR", .. options]);
                break;
            case ["tests/cluster/torture-gluster" or "tests/ClusterHsm.Torture/on-ext4", .. var rest]:
                Number(rest[0]).Should().BePositive();
                TortureOptions.Parse(["--root", "DIR", .. rest[1..]]);
                break;
            case ["tests/cluster/vm-lab" or "tests/cluster/gluster", var actions, ..]:
                string script = File.ReadAllText(SourceTree.PathOf(words[0]));
                foreach (string action in actions.Split('|'))
                    Regex.IsMatch(script, $@"(^|[\s|]){Regex.Escape(action)}[|)]", RegexOptions.Multiline).Should().BeTrue($"{command}: {action}");
                break;
            case [var path, ..] when path.Contains('/', StringComparison.Ordinal):
                File.GetUnixFileMode(SourceTree.PathOf(path)).Should().HaveFlag(UnixFileMode.UserExecute, $"{command}");
                break;
        }
    }

    private static void ExamineProgram(DocumentedCommand command, string project, string[] args)
    {
        switch (project)
        {
            case "tests/ClusterHsm.Torture":
                TortureOptions.Parse(args);
                break;
            case "tests/ClusterHsm.Endurance":
                Number(args[0]).Should().BePositive();
                break;
            case "benchmarks/ClusterHsm.Benchmarks" when args is [var table, ..]:
                File.ReadAllText(SourceTree.PathOf($"{project}/Program.cs")).Should().Contain($"case \"{table}\":", $"{command}");
                break;
            case "benchmarks/ClusterHsm.Benchmarks":
                string name = command.Words[^1].Trim('*');
                Directory.GetFiles(SourceTree.PathOf(project), $"{name}.cs", SearchOption.AllDirectories).Should().ContainSingle($"{command}");
                break;
        }
    }

    private static void ExamineTool(string page, string span)
    {
        string[] words = DocumentedCommand.WordsOf(span);
        if (words is ["clusterhsm", var verb, .. var rest])
            rest.TakeWhile(static word => word is not (">" or "|")).Where(static word => word.StartsWith('-')).Should().BeSubsetOf(OptionsOf(verb), $"{page}: {span}");
        else if (words is [var bare, ['-', not ' ', ..], ..] && Tool.Subcommands.Any(command => command.Name == bare))
            words[1..].Where(static word => word.StartsWith('-')).Should().BeSubsetOf(OptionsOf(bare), $"{page}: {span}");
    }

    private static IEnumerable<string> OptionsOf(string verb)
    {
        Command? command = Tool.Subcommands.SingleOrDefault(command => command.Name == verb);
        command.Should().NotBeNull($"'{verb}' is a command of clusterhsm");
        return command!.Options.Concat(Tool.Options).SelectMany(static option => option.Aliases.Append(option.Name));
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("(?<=`)--[a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"^(tests|samples|src|benchmarks|docs|\.ci)/[\w./-]*$")]
    private static partial Regex InTree();
}
