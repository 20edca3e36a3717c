using System.Globalization;
using ClusterHsm.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Groups by their names, asked of the computer's own C library.</summary>
[TestFixture]
public sealed class GroupNameTests
{
    [TestCase(1024)]
    [TestCase(1, TestName = "Also when the first buffer is too small for it")]
    [Platform("Linux,MacOsX")]
    public void A_group_of_this_computer_has_the_number_that_stands_in_its_list(int firstLength)
    {
        foreach (string[] group in File.ReadLines("/etc/group").Select(line => line.Split(':')).Where(words => words.Length == 4).Take(10))
            GroupName.NumberOf(group[0], out _, firstLength).Should().Be(uint.Parse(group[2], CultureInfo.InvariantCulture), group[0]);
    }

    [TestCase("0", 0u)]
    [TestCase("4294967294", 4294967294u)]
    public void A_number_is_taken_as_it_is(string text, uint number) => GroupName.NumberOf(text, out _).Should().Be(number);

    [TestCase("no such group")]
    [TestCase("täglich")]
    [TestCase("")]
    [TestCase("-1")]
    [TestCase("a\0b")]
    public void A_name_that_no_group_has_is_said_to_be_none(string name)
    {
        GroupName.NumberOf(name, out string problem).Should().BeNull();
        problem.Should().StartWith("there is no group '").And.EndWith("' on this computer");
    }
}
