using System.Reflection;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>The table of docs/security.md and the tests behind it are the same, and each of them lets another user act.</summary>
public sealed partial class TableTests
{
    private static readonly (string Says, string[] Tests)[] s_lines =
        [.. File.ReadAllLines(SourceTree.PathOf("docs/security.md")).Where(line => line.StartsWith('|') && TestName().IsMatch(line))
            .Select(line => line.Split('|')).Select(cells => (cells[1].Trim(), TestName().Matches(cells[^2]).Select(match => match.Groups[1].Value).ToArray()))];

    private static readonly string[] s_sources =
        [.. Directory.EnumerateFiles(SourceTree.PathOf("tests/ClusterHsm.Tests/Security"), "*.cs").Where(path => !path.EndsWith($"{nameof(TableTests)}.cs", StringComparison.Ordinal)).Select(File.ReadAllText)];

    private static IEnumerable<string> InTheTable => s_lines.SelectMany(line => line.Tests);

    [Test]
    public void Every_line_of_the_table_is_a_test_and_every_such_test_a_line()
    {
        string[] tests = [.. typeof(TableTests).Assembly.GetTypes().Where(type => type.Namespace == typeof(TableTests).Namespace)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(NUnitAttribute), false)).Select(method => method.Name)];

        InTheTable.Should().BeSubsetOf(tests).And.OnlyHaveUniqueItems();
        tests.Where(test => test.StartsWith("Can", StringComparison.Ordinal)).Should().BeSubsetOf(InTheTable);
    }

    [Test]
    public void What_a_line_says_that_a_user_can_or_cannot_do_is_what_its_tests_say()
    {
        foreach ((string says, string[] tests) in s_lines)
        {
            string can = says.Trim('*').StartsWith("cannot ", StringComparison.Ordinal) ? "Cannot_" : "Can_";
            says.Trim('*').Should().StartWith("can");
            tests.Should().OnlyContain(test => test.StartsWith(can, StringComparison.Ordinal), says);
        }
    }

    /// <summary>In words of these fixtures: a child process, a shell, or a swapper of names that is another user.</summary>
    [Test]
    public void In_each_test_of_the_table_another_user_acts_and_something_is_asserted([ValueSource(nameof(InTheTable))] string test)
    {
        string body = s_sources.Select(source => BodyOf(test, source)).OfType<string>().Single();

        body.Should().MatchRegex(@"They\(|StartTheirsAsync\(|--reuid|SwappedNames").And.Contain("Should()");
    }

    /// <summary>From the test's name to the next member with attributes.</summary>
    private static string? BodyOf(string test, string source)
    {
        int begin = source.IndexOf($" {test}(", StringComparison.Ordinal);
        if (begin < 0)
            return null;
        int end = source.IndexOf("\n    [", begin, StringComparison.Ordinal);
        return source[begin..(end < 0 ? source.Length : end)];
    }

    [GeneratedRegex("`([A-Z][A-Za-z]*_[A-Za-z_]+)`")]
    private static partial Regex TestName();
}
