using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>The clock by which <c>--min-age</c> decides: the shard's, whatever this computer's says.</summary>
public sealed class ShardTimeTests
{
    private const ShardOpenOptions Make = ShardOpenOptions.ReadWrite | ShardOpenOptions.Create;
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Test]
    public void An_age_is_told_by_the_shards_clock_and_goes_on_with_the_nodes()
    {
        using InMemoryNode node = Node();
        using IShardFile file = node.Open("f", Make);
        file.Write("text"u8, 0);
        node.Cluster.Advance(TimeSpan.FromDays(29));
        file.WriteAttribute("user.test", "a newer ctime"u8);
        ShardTime now = ShardTime.Read(node);
        MigrationFilter filter = new(0, TimeSpan.FromDays(30), now, []);
        FileStatus status = StatusReader.Read(node, RecordSeal.None, "f");

        now.SinceModified(status.Info).Should().Be(TimeSpan.FromDays(29));
        filter.WhyNot(status).Should().NotBeNull();
        node.Clock.Advance(TimeSpan.FromDays(1));
        filter.WhyNot(status).Should().BeNull();
    }

    [Test]
    public void A_clock_that_cannot_be_read_is_told_by_its_own_cause()
    {
        using InMemoryNode node = Node();
        node.Faults.On(ShardOperation.Open).Fail(ShardError.NoSpace);

        FluentActions.Invoking(() => ShardTime.Read(node)).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NoSpace);
    }

    private static InMemoryNode Node()
    {
        InMemoryNode node = new InMemoryCluster().AddNode("node");
        node.CreateDirectory(ControlFolder.Name, FolderMode);
        node.CreateDirectory(ControlFolder.NodesPath, FolderMode);
        return node;
    }
}
