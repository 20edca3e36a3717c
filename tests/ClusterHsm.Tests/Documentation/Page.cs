using System.Text;
using System.Text.RegularExpressions;

namespace ClusterHsm.Tests.Documentation;

/// <summary>A fenced block of a page: what stands after its fence, and the lines in it.</summary>
internal sealed record Block(string Page, int Line, string Language, string Text)
{
    public override string ToString() => $"{Page}:{Line}";
}

/// <summary>A page of the documentation: the README, or one below docs.</summary>
internal sealed partial class Page
{
    private Page(string name, string text)
    {
        Name = name;
        List<Block> blocks = [];
        StringBuilder prose = new(), block = new();
        string fence = "", language = "";
        int number = 0, from = 0;
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            number++;
            Match begin = Fence().Match(line);
            if (fence.Length == 0 && begin.Success)
            {
                (fence, language, from) = (begin.Groups[1].Value, begin.Groups[2].Value, number);
                block.Clear();
            }
            else if (fence.Length == 0)
            {
                prose.Append(line).Append('\n');
            }
            else if (line.Trim() == fence)
            {
                blocks.Add(new Block(name, from, language, block.ToString()));
                fence = "";
            }
            else
            {
                block.Append(line).Append('\n');
            }
        }
        if (fence.Length > 0)
            throw new FormatException($"{name}:{from}: the block has no end.");
        Blocks = blocks;
        Prose = prose.ToString();
    }

    /// <summary>Those of all there are.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(SourceTree.PathOf("docs"), "*.md", SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(SourceTree.Root!, path)).Append("README.md").Order(StringComparer.Ordinal);

    public static IEnumerable<Page> All => Names.Select(Of);

    /// <summary>Its path below the root of the tree.</summary>
    public string Name { get; }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>What is outside the blocks.</summary>
    public string Prose { get; }

    /// <summary>What is marked as code in the prose, each in one line.</summary>
    public IEnumerable<string> Spans => Span().Matches(Prose).Select(static span => Spaces().Replace(span.Groups[1].Value, " ").Trim());

    public static Page Of(string name) => new(name, File.ReadAllText(SourceTree.PathOf(name)));

    public override string ToString() => Name;

    [GeneratedRegex("^ *(`{3,}|~{3,})(.*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
