using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

public sealed class LockResultTests
{
    [Test]
    public void An_answer_that_nobody_gave_is_no_grant()
    {
        LockResult forgotten = default;

        forgotten.IsGranted.Should().BeFalse();
        forgotten.Status.Should().Be(LockStatus.Failed);
    }
}
