using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A file system that has lost its server is not a file that somebody else has.</summary>
public sealed class DeadHandleTests
{
    [Test]
    public async Task An_access_whose_lock_call_fails_says_that_the_connection_is_lost_and_not_that_the_file_is_busy([Values] bool recalls)
    {
        using VolumeInMemory cluster = new();
        await cluster.ArchiveAsync();
        await cluster.ReleaseAsync();
        MemoryNode node = cluster.AddNode("node", isPolled: false);
        node.Shard.Faults.OnLock("f", recalls ? LockKind.Exclusive : LockKind.Shared).Fail(ShardError.DeadHandle);

        HsmException failure = recalls
            ? (await node.Volume.RecallAsync(["f"])).Failures.Single().Error!
            : (await FluentActions.Awaiting(() => node.Volume.OpenFileAsync("f").AsTask()).Should().ThrowAsync<HsmException>()).Which;

        failure.Should().BeOfType<ShardFailureException>().Which.Message.Should().Contain("lost its connection");
    }
}
