namespace ClusterHsm.Tests.Telemetry;

/// <summary>The tables of docs/observability.md.</summary>
internal static class ObservabilityPage
{
    public static IEnumerable<string[]> Instruments => Table("| instrument |");

    public static IEnumerable<string[]> Activities => Table("| activity |");

    public static IEnumerable<string[]> LogEvents => Table("| id |");

    /// <summary>The names in a cell, each between back quotes.</summary>
    public static string[] Names(string cell) => [.. cell.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Name)];

    public static string Name(string cell) => cell.Trim('`');

    private static IEnumerable<string[]> Table(string head) =>
        File.ReadLines(SourceTree.PathOf("docs/observability.md"))
            .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => line[1..^1].Split('|', StringSplitOptions.TrimEntries));
}
