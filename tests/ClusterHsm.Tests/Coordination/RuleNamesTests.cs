using System.Reflection;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

/// <summary>The rules of the protocol and those that the code names are the same.</summary>
[TestFixture]
public sealed partial class RuleNamesTests
{
    private static readonly string[] InTheCode = [.. typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(rule => rule.Name)];

    [Test]
    public void Every_rule_of_the_protocol_is_named_in_the_code_and_no_other()
    {
        string[] inTheProtocol = [.. RuleInProtocol().Matches(File.ReadAllText(SourceTree.PathOf("docs/protocol/protocol.md"))).Select(match => match.Groups[1].Value)];
        inTheProtocol.Should().HaveCountGreaterThan(10);

        // R4a, R4b and R4c are the parts of R4.
        InTheCode.Select(rule => rule.TrimEnd('a', 'b', 'c')).Distinct().Concat(Rules.ByStructure.Keys).Should().BeEquivalentTo(inTheProtocol);
    }

    [Test]
    public void Every_rule_that_is_named_is_asked_for_where_it_is_enforced([ValueSource(nameof(InTheCode))] string rule) =>
        Directory.EnumerateFiles(SourceTree.PathOf("src/ClusterHsm"), "*.cs", SearchOption.AllDirectories)
            .Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\bRules\.{rule}\b")).Should().BeTrue();

    [Test]
    public void In_the_library_every_rule_is_a_constant_and_in_force() =>
        typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Should().OnlyContain(rule => rule.IsLiteral && (bool)rule.GetRawConstantValue()!);

    [GeneratedRegex(@"^- \*\*(R\d+) ", RegexOptions.Multiline)]
    private static partial Regex RuleInProtocol();
}
