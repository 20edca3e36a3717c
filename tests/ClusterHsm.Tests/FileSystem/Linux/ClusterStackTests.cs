using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class ClusterStackTests
{
    [TestCase("o2cb", LockReach.NodeLocal, "*is o2cb*")]
    [TestCase("pcmk", LockReach.Unknown, "*is pcmk*not been tried*")]
    [TestCase("", LockReach.NodeLocal, "*cannot be read*")]
    [TestCase(null, LockReach.NodeLocal, "*cannot be read*")]
    public void Byte_range_locks_of_OCFS2_reach_as_far_as_its_cluster_stack_takes_them(string? stack, LockReach reach, string fault)
    {
        (LockReach Reach, string Fault) found = ClusterStack.FindReach(stack);

        found.Reach.Should().Be(reach);
        found.Fault.Should().Match(fault);
    }
}
