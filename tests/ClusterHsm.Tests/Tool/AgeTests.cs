using ClusterHsm.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Ages and sizes as people type them.</summary>
public sealed class AgeTests
{
    [TestCase("0", 0)]
    [TestCase("45s", 45)]
    [TestCase("90m", 90 * 60)]
    [TestCase("12h", 12 * 3600)]
    [TestCase("30d", 30 * 86400)]
    [TestCase("1.5d", 129600)]
    public void An_age_is_read_with_its_unit(string text, double seconds)
    {
        Age.TryParse(text, out TimeSpan age).Should().BeTrue();
        age.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("d")]
    [TestCase("30")]
    [TestCase("-1d")]
    [TestCase("1w")]
    [TestCase("1e3s")]
    [TestCase("1,5d")]
    [TestCase("10675200d")]
    public void What_is_no_age_is_refused(string? text) => Age.TryParse(text, out _).Should().BeFalse();

    [TestCase("4096", 4096L)]
    [TestCase("64K", 65536L)]
    [TestCase("1.5g", 1610612736L)]
    [TestCase("7.5E", 8646911284551352320L)]
    [TestCase("9223372036854775807", long.MaxValue)]
    public void A_size_is_read_in_units_of_1024(string text, long bytes)
    {
        ByteSize.TryParse(text, out long read).Should().BeTrue();
        read.Should().Be(bytes);
    }

    [TestCase(null)]
    [TestCase("K")]
    [TestCase("-1")]
    [TestCase("8E")]
    [TestCase("9223372036854775808")]
    [TestCase("99999999999E")]
    [TestCase("9223372036854775807E")]
    public void What_is_no_size_is_refused(string? text) => ByteSize.TryParse(text, out _).Should().BeFalse();
}
