using System.Globalization;

namespace ClusterHsm.Torture;

/// <summary>What a child is told on its command line.</summary>
/// <param name="Role"><c>node</c> or <c>migrator</c>.</param>
/// <param name="Root">The shard, on the child's mount.</param>
/// <param name="Work">The private folder of the run: ledger, history, tally.</param>
/// <param name="Index">Which node or migrator, from 0.</param>
/// <param name="Nodes">How many nodes there are: node i writes the files whose number is i modulo that.</param>
/// <param name="Files">How many files there are.</param>
/// <param name="Seed">Where its choices come from.</param>
/// <param name="HoldSeconds">How long nobody writes a file whose last write failed.</param>
/// <param name="SlowClocks">Whether the clocks of nodes are slow.</param>
internal sealed record ChildOptions(string Role, string Root, string Work, int Index, int Nodes, int Files, int Seed, double HoldSeconds, bool SlowClocks)
{
    public const string Node = "node", Migrator = "migrator";

    public string Name => $"{Role}{Index}";

    public string[] ToWords() =>
        [Role, Root, Work, Text(Index), Text(Nodes), Text(Files), Text(Seed), HoldSeconds.ToString(CultureInfo.InvariantCulture), SlowClocks.ToString()];

    public static ChildOptions? Parse(string[] words) => words is [Node or Migrator, var root, var work, var index, var nodes, var files, var seed, var hold, var slow]
        ? new ChildOptions(words[0], root, work, Number(index), Number(nodes), Number(files), Number(seed), double.Parse(hold, CultureInfo.InvariantCulture),
            bool.Parse(slow))
        : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
