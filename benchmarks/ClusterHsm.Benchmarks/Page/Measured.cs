using System.Text.RegularExpressions;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>What <c>benchmarks/all</c> has printed: a line about the machine, then sections with tables.</summary>
internal sealed partial class Measured
{
    private readonly Dictionary<string, string> _sections = [];

    private Measured(string about) => About = about;

    /// <summary>When, at which commit and on which machine.</summary>
    public string About { get; }

    /// <summary>By their titles.</summary>
    public IReadOnlyDictionary<string, string> Sections => _sections;

    /// <exception cref="FormatException">It is no such page.</exception>
    public static Measured Parse(string page)
    {
        string[] parts = Heading().Split(page.ReplaceLineEndings("\n"));
        if (parts.Length < 3 || !parts[0].StartsWith("# Measured\n", StringComparison.Ordinal))
            throw new FormatException("This is not what benchmarks/all prints: it has no heading 'Measured' or no section.");
        Measured measured = new(parts[0]["# Measured\n".Length..].Trim());
        for (int i = 1; i + 1 < parts.Length; i += 2)
            measured._sections.Add(parts[i], parts[i + 1].Trim());
        return measured;
    }

    /// <summary>A number of a table.</summary>
    /// <param name="section">The title of its section.</param>
    /// <param name="row">What the first cells of its row say, separated by bars; null if there is no such row.</param>
    /// <param name="column">Which cell, from 0.</param>
    public double? Number(string section, string row, int column) => Numbers(section, row, column).FirstOrDefault();

    /// <summary>The same of all rows that begin so; null for a cell without a number.</summary>
    /// <inheritdoc cref="Number"/>
    public IEnumerable<double?> Numbers(string section, string row, int column) =>
        from line in _sections.GetValueOrDefault(section, "").Split('\n')
        let cells = Cells(line)
        where cells.Length > column && string.Join('|', cells).StartsWith(row, StringComparison.Ordinal)
        select double.TryParse(Digits().Match(cells[column].Replace(",", "", StringComparison.Ordinal)).Value, System.Globalization.CultureInfo.InvariantCulture, out double number)
            ? number
            : (double?)null;

    // BenchmarkDotNet sets the rows of the baseline in bold.
    private static string[] Cells(string line) => [.. line.Trim('|', ' ').Split('|').Select(static cell => cell.Trim(' ', '*'))];

    [GeneratedRegex("^## (.*)\n", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"-?[\d.]+")]
    private static partial Regex Digits();
}
