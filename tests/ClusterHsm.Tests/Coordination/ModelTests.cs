using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

/// <summary>The Promela model, the script that checks it, the table in protocol.md and the rules in the code speak of the same.</summary>
public sealed partial class ModelTests
{
    private static readonly string s_model = Read("protocol.pml"), s_check = Read("check"), s_protocol = Read("protocol.md");

    /// <summary>What each switch does, as the model's first comment says.</summary>
    private static readonly Dictionary<string, string> s_switches =
        SwitchInComment().Matches(s_model).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim());

    /// <summary>How large the model is; each has a default.</summary>
    private static readonly HashSet<string> s_sizes = [.. SizeWithDefault().Matches(s_model).Select(match => match.Groups[1].Value)];

    private static readonly Row[] s_rows =
        [.. RowOfCheck().Matches(s_check).Select(match => new Row(match.Groups[2].Value, match.Groups[3].Value, match.Groups[1].Value, match.Groups[4].Value))];

    private static IEnumerable<Row> Rows => s_rows;

    [Test]
    public void Every_switch_of_the_model_is_explained_in_it_and_no_other()
    {
        s_sizes.Should().Contain(["NODES", "MIG", "POLLS", "READS", "MAXT", "L"]);
        s_switches.Should().HaveCountGreaterThan(5);

        Conditions().Matches(s_model).Select(match => match.Groups[1].Value).Distinct().Except(s_sizes).Should().BeEquivalentTo(s_switches.Keys);
    }

    [Test]
    public void The_script_uses_every_switch_and_none_that_the_model_lacks()
    {
        string[] used = [.. Definitions().Matches(s_check).Select(match => match.Groups[1].Value).Distinct()];

        used.Except(s_sizes).Except(CompilerSwitches).Should().BeEquivalentTo(s_switches.Keys);
    }

    [Test]
    public void Every_row_of_the_protocols_table_is_checked_with_its_result_and_no_other() =>
        s_rows.Select(row => (row.Rules, row.Fault, row.Result)).Should().BeEquivalentTo(RowOfTable()
            .Matches(s_protocol[s_protocol.IndexOf("| rules in force |", StringComparison.Ordinal)..])
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value)));

    /// <summary>A row that holds must name exactly what is in force; one that does not may leave out what is in force besides.</summary>
    [Test]
    public void A_row_puts_in_force_what_it_says([ValueSource(nameof(Rows))] Row row)
    {
        string[] on = [.. Definitions().Matches(row.Switches).Select(match => match.Groups[1].Value)];
        HashSet<string> inForce = ["R5", "R6"];
        inForce.UnionWith(on.Where(name => !s_switches[name].StartsWith("without", StringComparison.Ordinal)).SelectMany(name => RulesIn(s_switches[name])));
        inForce.ExceptWith(on.Where(name => s_switches[name].StartsWith("without", StringComparison.Ordinal)).SelectMany(name => RulesIn(s_switches[name])));
        // R4 goes with what it waits for, and the table does not name it.
        inForce.RemoveWhere(rule => rule.StartsWith("R4", StringComparison.Ordinal));
        string[] parts = row.Rules.Split(" without ");

        if (row.Result == "holds")
            RulesIn(parts[0]).Should().BeEquivalentTo(inForce);
        else if (row.Rules == "claim alone")
            inForce.Should().BeEmpty();
        else
            RulesIn(parts[0]).Should().BeSubsetOf(inForce).And.NotBeEmpty();
        if (parts.Length > 1)
            RulesIn(parts[1]).Should().NotIntersectWith(inForce).And.NotBeEmpty();
        on.Contains("LOCKLOSS").Should().Be(row.Fault != "none");
        on.Contains("CONTBEFORE").Should().Be(row.Rules.Contains("clock read before the grant"));
    }

    [Test]
    public void The_model_says_of_every_rule_of_the_code_whether_it_has_it()
    {
        string inAnyCase = Sentence("Always in force: "), absent = Sentence("Not in the model: ");
        string[] said = [.. RulesIn(string.Join(' ', s_switches.Values)).Concat(RulesIn(inAnyCase)).Concat(RulesIn(absent)).Distinct()];

        said.Should().BeEquivalentTo(
            typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(rule => rule.Name).Concat(Rules.ByStructure.Keys));
        RulesIn(absent).Should().NotIntersectWith(RulesIn(inAnyCase + string.Join(' ', s_switches.Values)));
    }

    /// <summary>R2 is of a node that polls twice, with a handover between; R6 of one that reads twice. R5 takes three polls: the first size has them.</summary>
    [Test]
    public void No_size_that_the_script_takes_is_too_small_for_a_rule_to_fail()
    {
        string coarse = CoarseOfCheck().Match(s_check).Groups[1].Value;
        string[] sizes = [.. SizeOfCheck().Matches(s_check).Select(match => match.Value.Replace("$coarse", coarse, StringComparison.Ordinal))];
        sizes.Should().HaveCountGreaterThan(3).And.Contain(size => size.Contains(coarse));
        Least(sizes[0], "POLLS").Should().BeGreaterThanOrEqualTo(3);
        foreach (string size in sizes)
        {
            Least(size, "POLLS").Should().BeGreaterThanOrEqualTo(2, size);
            Least(size, "READS").Should().BeGreaterThanOrEqualTo(2, size);
            Least(size, "MAXT").Should().BeGreaterThanOrEqualTo(Least(size, "L"), "a lease must be able to end: {0}", size);
        }

        static int Least(string size, string name)
        {
            Match given = Regex.Match(size, $@"-D{name}=(\d+)");
            return int.Parse((given.Success ? given : Regex.Match(s_model, $@"#define {name} (\d+)")).Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    private static readonly string[] CompilerSwitches = ["SAFETY", "COLLAPSE", "VECTORSZ", "BITSTATE", "T_RAND", "P_RAND"];

    private static string Read(string name) => File.ReadAllText(SourceTree.PathOf($"docs/protocol/{name}"));

    private static string Sentence(string beginning)
    {
        int at = s_model.IndexOf(beginning, StringComparison.Ordinal);
        at.Should().BePositive(beginning);
        return s_model[at..s_model.IndexOf('.', at)];
    }

    private static IEnumerable<string> RulesIn(string text) => Rule().Matches(text).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"^ \*   ([A-Z]+) +(\S.*)$", RegexOptions.Multiline)]
    private static partial Regex SwitchInComment();

    [GeneratedRegex(@"^#ifndef (\w+)\n#define \1 ", RegexOptions.Multiline)]
    private static partial Regex SizeWithDefault();

    [GeneratedRegex(@"(?:#ifdef |#ifndef |defined\()(\w+)")]
    private static partial Regex Conditions();

    [GeneratedRegex(@"-D([A-Z]\w*)")]
    private static partial Regex Definitions();

    [GeneratedRegex(@"^row ""([^""]+)"" ""([^""]+)"" ""([^""]+)"" ""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex RowOfCheck();

    [GeneratedRegex(@"^\| ([^|]+) \| ([^|]+) \| (holds|stale read)", RegexOptions.Multiline)]
    private static partial Regex RowOfTable();

    [GeneratedRegex(@"^coarse=""([^""]+)""", RegexOptions.Multiline)]
    private static partial Regex CoarseOfCheck();

    [GeneratedRegex(@"-DNODES=[^""]*")]
    private static partial Regex SizeOfCheck();

    [GeneratedRegex(@"\bR\d+[abc]?\b")]
    private static partial Regex Rule();

    public sealed record Row(string Rules, string Fault, string Result, string Switches)
    {
        public override string ToString() => $"{Rules}; {Fault}";
    }
}
