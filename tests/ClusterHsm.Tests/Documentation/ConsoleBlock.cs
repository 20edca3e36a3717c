using System.Text.RegularExpressions;

namespace ClusterHsm.Tests.Documentation;

/// <summary>A command of a page and what the page says that it prints.</summary>
internal sealed record ConsoleCommand(string Line, string Expected);

/// <summary>A block that is marked <c>console</c>: a line that begins with <c>$</c> is typed, one with <c>&gt;</c> continues it.</summary>
internal static partial class ConsoleBlock
{
    public static IReadOnlyList<ConsoleCommand> CommandsOf(string block)
    {
        List<ConsoleCommand> commands = [];
        foreach (string line in block.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
                commands.Add(new ConsoleCommand(line[2..], ""));
            else if (line is ">" || line.StartsWith("> ", StringComparison.Ordinal))
                commands[^1] = commands[^1] with { Line = $"{commands[^1].Line}\n{line.AsSpan(Math.Min(2, line.Length))}" };
            else
                commands[^1] = commands[^1] with { Expected = $"{commands[^1].Expected}{line}\n" };
        }
        return commands;
    }

    /// <summary>
    /// What is printed, without what differs from one run to the next: identifiers, points in time and times, what a stub takes up, the values
    /// of metrics, the folder, the width of columns. Counts, sizes of files and exit statuses stay.
    /// </summary>
    public static string Normalize(string text, string folder)
    {
        string named = Identifier().Replace(text.Replace(folder, "/home/you", StringComparison.Ordinal), "ID");
        string timeless = Duration().Replace(PointInTime().Replace(named, "TIME"), "DURATION");
        return Spaces().Replace(MetricValue().Replace(OfAStub().Replace(timeless, "FEW"), "VALUE"), " ").Trim();
    }

    [GeneratedRegex(@"[0-9a-f]{32}(/[0-9a-f]{2}/[0-9a-f]{2})?(/[0-9a-f]{32})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")]
    private static partial Regex PointInTime();

    [GeneratedRegex(@"(?<![\d.])\d+(\.\d+)? s\b|(?<=\bfor=)\d+\.\d+")]
    private static partial Regex Duration();

    /// <summary>A file system may keep a stub in its inode, in a block, or in a larger one.</summary>
    [GeneratedRegex(@"\d+(\.\d+)? (B|KiB)(?= +/home/you/)")]
    private static partial Regex OfAStub();

    [GeneratedRegex(@"(?<=^clusterhsm_\w+\{[^}]*\} )[\d.]+$", RegexOptions.Multiline)]
    private static partial Regex MetricValue();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Spaces();
}
