using System.Reflection;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>The table of docs/security.md and the tests behind it are the same.</summary>
public sealed partial class TableTests
{
    [Test]
    public void Every_line_of_the_table_is_a_test_and_every_such_test_a_line()
    {
        string[] inTheTable = [.. File.ReadAllLines(SourceTree.PathOf("docs/security.md")).Where(line => line.StartsWith('|'))
            .SelectMany(line => TestName().Matches(line.Split('|')[^2])).Select(match => match.Groups[1].Value)];
        string[] tests = [.. typeof(TableTests).Assembly.GetTypes().Where(type => type.Namespace == typeof(TableTests).Namespace)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(NUnitAttribute), false)).Select(method => method.Name)];

        inTheTable.Should().BeSubsetOf(tests).And.OnlyHaveUniqueItems();
        tests.Where(test => test.StartsWith("Can", StringComparison.Ordinal)).Should().BeSubsetOf(inTheTable);
    }

    [GeneratedRegex("`([A-Z][A-Za-z]*_[A-Za-z_]+)`")]
    private static partial Regex TestName();
}
