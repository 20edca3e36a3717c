using System.Text.RegularExpressions;

namespace ClusterHsm.Tests.Documentation;

/// <summary>A command of a page and what the page says that it prints.</summary>
internal sealed record ConsoleCommand(string Line, string Expected);

/// <summary>The blocks of a page that are marked <c>console</c>: a line that begins with <c>$</c> is typed, one with <c>&gt;</c> continues it.</summary>
internal static partial class ConsoleBlock
{
    public static IReadOnlyList<ConsoleCommand> CommandsOf(string page)
    {
        List<ConsoleCommand> commands = [];
        foreach (string line in Block().Matches(page).SelectMany(static block => block.Groups[1].Value.TrimEnd('\n').Split('\n')))
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

    /// <summary>What is printed, without what differs from one run to the next: identifiers, numbers, the folder, the width of columns.</summary>
    public static string Normalize(string text, string folder) =>
        Spaces().Replace(Number().Replace(Identifier().Replace(text.Replace(folder, "/home/you", StringComparison.Ordinal), "ID"), "N"), " ").Trim();

    [GeneratedRegex("^```console\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"[0-9a-f]{32}(/[0-9a-f]{2}/[0-9a-f]{2})?(/[0-9a-f]{32})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"(?<![A-Za-z_])\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Spaces();
}
