using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class LockErrorTests
{
    [TestCase(11)]
    [TestCase(13)]
    public void EAGAIN_and_EACCES_are_denials(int errno) => RangeLocks.ResultOf(errno).Status.Should().Be(LockStatus.Denied);

    [TestCase(37, ShardError.Temporary)]
    [TestCase(4, ShardError.Temporary)]
    [TestCase(77, ShardError.DeadHandle)]
    [TestCase(103, ShardError.DeadHandle)]
    [TestCase(107, ShardError.DeadHandle)]
    [TestCase(108, ShardError.DeadHandle)]
    [TestCase(116, ShardError.DeadHandle)]
    [TestCase(5, ShardError.DeadHandle)]
    [TestCase(9, ShardError.AccessDenied)]
    [TestCase(38, ShardError.NotSupported)]
    [TestCase(22, ShardError.NotSupported)]
    [TestCase(9999, ShardError.Other)]
    public void Everything_else_is_a_failure_and_never_a_grant(int errno, ShardError error) =>
        RangeLocks.ResultOf(errno).Should().Be(new LockResult(LockStatus.Failed, error, errno));
}
