using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

public sealed class DescriptorLimitTests
{
    [TestCase(256, 3, 1024ul, 256)]
    [TestCase(256, 3, 256ul, 42)]
    [TestCase(512, 1, 256ul, 128)]
    [TestCase(512, 1, 600ul, 450)]
    [TestCase(256, 3, 100ul, 1)]
    [TestCase(256, 3, 3ul, 1)]
    [TestCase(256, 3, ulong.MaxValue, 256)]
    public void Work_that_keeps_files_open_leaves_a_part_of_the_limit(int wanted, int each, ulong limit, int fits) =>
        DescriptorLimit.Fit(wanted, each, limit).Should().Be(fits);

    [Test]
    public void This_process_may_have_a_few_files_open() => DescriptorLimit.Fit(10, 3).Should().Be(10);
}
