using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool.Output;

public sealed class TextTests
{
    [TestCase(0, "0")]
    [TestCase(0.25, "0.3")]
    [TestCase(9.96, "10")]
    [TestCase(123, "123")]
    [TestCase(9999, "9999")]
    [TestCase(12345, "12k")]
    [TestCase(9_999_400, "9999k")]
    [TestCase(9_999_500, "10M")]
    [TestCase(long.MaxValue, "9223P")]
    public void A_number_of_a_table_has_five_columns_at_most(double number, string text) => Text.Short(number).Should().Be(text);

    [TestCase(0, "0 s")]
    [TestCase(59, "59 s")]
    [TestCase(59.1, "1 min 00 s")]
    [TestCase(3599, "59 min 59 s")]
    [TestCase(7325, "2 h 02 min")]
    [TestCase(93784, "1 d 02 h")]
    public void A_time_is_told_in_its_two_largest_units(double seconds, string text) => Text.Duration(TimeSpan.FromSeconds(seconds)).Should().Be(text);
}
