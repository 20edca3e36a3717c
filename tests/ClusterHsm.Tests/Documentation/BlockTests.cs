using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClusterHsm.Tests.Tool.Watch;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Documentation;

/// <summary>Every block of every page is of a kind that something tries.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class BlockTests
{
    /// <summary>Shows what a test draws.</summary>
    private static readonly Dictionary<string, string> Pictures = new() { ["docs/operations.md"] = nameof(WatchFrameTests.The_picture_in_the_documentation_is_what_is_drawn) };

    private static IEnumerable<string> Pages => Page.Names;

    [TestCaseSource(nameof(Pages))]
    public void Every_block_of_a_page_is_tried(string name)
    {
        Page page = Page.Of(name);
        foreach (Block block in page.Blocks)
            Try(block);
        Indented().IsMatch(page.Prose).Should().BeFalse($"{page} has a block without a fence, which no test finds");
    }

    [TestCase("python", "print(1)")]
    [TestCase("", "")]
    [TestCase("json", "{ \"a\": }")]
    [TestCase("xml", "<a>")]
    [TestCase("text", "drawn by nothing")]
    [TestCase("mermaid", "stateDiagram-v2\n    a -> b")]
    [TestCase("mermaid", "sequenceDiagram\n    participant N as node\n    N->>M: who?")]
    [TestCase("mermaid", "pie\n    a")]
    [TestCase("console", "clusterhsm nodes plain")]
    public void A_block_that_nothing_tries_or_that_is_wrong_is_found(string language, string text)
    {
        Action trying = () => Try(new Block("page.md", 1, language, text + "\n"));
        trying.Should().Throw<Exception>();
    }

    private static void Try(Block block)
    {
        switch (block.Language)
        {
            case "console": // PageTests and Packaging play it
                ConsoleBlock.CommandsOf(block.Text).Should().NotBeEmpty($"{block}");
                break;
            case "csharp": // Packaging compiles it
                break;
            case "sh" or "": // DocumentedCommandTests
                DocumentedCommand.Of(block).Should().NotBeEmpty($"{block}").And.OnlyContain(static command => command.IsListed);
                break;
            case "json":
                JsonDocument.Parse(block.Text).Dispose();
                break;
            case "xml":
                XDocument.Parse(block.Text);
                break;
            case "text":
                Pictures.Should().ContainKey(block.Page, $"{block} is text, and a test has to say what it is");
                break;
            case "mermaid":
                TryDiagram(block);
                break;
            default:
                throw new NotSupportedException($"{block}: nothing tries a block of the kind '{block.Language}'.");
        }
    }

    /// <summary>The part of the language that the pages use.</summary>
    private static void TryDiagram(Block block)
    {
        string[] lines = [.. block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (lines[0] == "stateDiagram-v2")
        {
            lines[1..].Should().OnlyContain(static line => Transition().IsMatch(line), $"{block}");
            return;
        }
        lines[0].Should().Be("sequenceDiagram", $"{block}");
        string[] named = [.. lines.Select(static line => Participant().Match(line)).Where(static match => match.Success).Select(static match => match.Groups[1].Value)];
        foreach (string line in lines[1..].Where(static line => !Participant().IsMatch(line)))
        {
            Match message = Message().Match(line);
            message.Success.Should().BeTrue($"{block}: {line}");
            message.Groups[1].Captures.Select(static name => name.Value).Should().BeSubsetOf(named, $"{block}: {line}");
        }
    }

    [GeneratedRegex(@"^(\[\*\]|\w+) --> (\[\*\]|\w+)(: .+)?$")]
    private static partial Regex Transition();

    [GeneratedRegex(@"^participant (\w+) as .+$")]
    private static partial Regex Participant();

    [GeneratedRegex(@"^(?:(?<1>\w+)--?>>(?<1>\w+)|Note over (?<1>\w+)(?:, ?(?<1>\w+))*): .+$")]
    private static partial Regex Message();

    [GeneratedRegex(@"(?:^|\n)\n(?: {4}|\t)\S")]
    private static partial Regex Indented();
}
