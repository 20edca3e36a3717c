using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Testing;

[TestFixture]
public sealed class InMemoryClusterTests
{
    private const ShardOpenOptions Make = ShardOpenOptions.ReadWrite | ShardOpenOptions.Create;
    private const string Attribute = "user.test";

    private static readonly LockRange Byte = new(0, 1);

    [Test]
    public void A_full_shard_takes_what_fits_and_then_has_no_space_until_room_is_made()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { CapacityInBytes = 3 * 4096 });
        using IShardFile file = node.Open("a", Make), second = node.Open("b", Make);
        file.Write(new byte[2 * 4096], 0);
        ErrorOf(() => second.Write(new byte[2 * 4096], 0)).Should().Be(ShardError.NoSpace);
        second.GetInfo().Size.Should().Be(4096, "as on a disk, the part that fitted is written");
        file.PunchHole(0, 2 * 4096);
        second.Write(new byte[2 * 4096], 0);
        node.Cluster.AllocatedBytes.Should().Be(2 * 4096);
    }

    [Test]
    public void Deleting_makes_room_when_the_last_handle_ends()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions());
        IShardFile file = node.Open("a", Make);
        file.Write(new byte[4096], 0);
        node.Delete("a");
        node.Cluster.AllocatedBytes.Should().Be(4096);
        file.Dispose();
        node.Cluster.AllocatedBytes.Should().Be(0);
    }

    [Test]
    public void File_times_are_the_clusters_cut_to_the_granularity()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { TimestampGranularity = TimeSpan.FromSeconds(1) });
        node.Cluster.Advance(TimeSpan.FromSeconds(1.9));
        node.Clock.Advance(TimeSpan.FromHours(1));
        using IShardFile file = node.Open("a", Make);
        file.GetInfo().Modified.ToDateTimeOffset().Should().Be(node.Cluster.Options.Start.AddSeconds(1));
        file.SetTimes(new ShardTimestamp(-2, 5), new ShardTimestamp(7, 999_999_999));
        file.GetInfo().Accessed.Should().Be(new ShardTimestamp(-2, 0));
        file.GetInfo().Modified.Should().Be(new ShardTimestamp(7, 0));
    }

    [Test]
    public void Punching_and_allocation_are_as_the_options_say()
    {
        var options = new InMemoryClusterOptions { CanPunchHoles = false, AllocationIsTruthful = false, HolesVisible = false };
        using InMemoryNode node = NodeOf(options);
        using IShardFile file = node.Open("a", Make);
        file.SetLength(10_000);
        ErrorOf(() => file.PunchHole(0, 10_000)).Should().Be(ShardError.NotSupported);
        file.GetInfo().AllocatedBytes.Should().Be(3 * 4096);
        file.TryFindData(5, out long start, out long end).Should().BeTrue();
        (start, end).Should().Be((5, 10_000));
        node.Capabilities.CanPunchHoles.Should().BeFalse();
        node.Capabilities.AllocationIsTruthful.Should().BeFalse();
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Change_times_move_for_attributes_and_holes_or_not_as_the_options_say(bool move)
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { AttributesMoveChangeTime = move, PunchingMovesTimes = move });
        using IShardFile file = node.Open("a", Make);
        file.Write(new byte[100], 0);
        ShardFileInfo before = file.GetInfo();
        node.Cluster.Advance(TimeSpan.FromSeconds(1));
        file.WriteAttribute(Attribute, [1]);
        (file.GetInfo().Changed > before.Changed).Should().Be(move);
        file.PunchHole(0, 100);
        (file.GetInfo().Modified > before.Modified).Should().Be(move);
    }

    [Test]
    public void Without_records_and_leases_the_shard_says_so()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { CanStoreRecords = false, HasLeases = false });
        using IShardFile file = node.Open("a", Make);
        ErrorOf(() => file.WriteAttribute(Attribute, [1])).Should().Be(ShardError.NotSupported);
        file.TryExcludeOpeners().Should().Be(OpenerExclusion.NotSupported);
        node.FindWriters("a").Should().Be(WriterPresence.Unknown);
    }

    [TestCase(LockReach.Shared, false)]
    [TestCase(LockReach.Unknown, false)]
    [TestCase(LockReach.NodeLocal, true)]
    public void Where_locks_are_local_two_nodes_are_granted_the_same_one(LockReach reach, bool both)
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { LockReach = reach }), other = node.Cluster.AddNode("other");
        using IShardFile mine = node.Open("a", Make), second = node.Open("a", Make), theirs = other.Open("a", Make);
        mine.TryLock(Byte, LockKind.Exclusive);
        second.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().BeFalse();
        theirs.TryLock(Byte, LockKind.Exclusive).IsGranted.Should().Be(both);
        node.Capabilities.LockReach.Should().Be(reach);
    }

    [Test]
    public void Openers_are_held_back_and_writers_found_on_their_own_node_only()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions()), other = node.Cluster.AddNode("other");
        using IShardFile mine = node.Open("a", Make);
        other.FindWriters("a").Should().Be(WriterPresence.None);
        mine.TryExcludeOpeners().Should().Be(OpenerExclusion.Excluded);
        using IShardFile theirs = other.Open("a", ShardOpenOptions.Write);
        node.Invoking(n => n.Open("a", ShardOpenOptions.Read)).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.Busy);
    }

    [Test]
    public void A_read_only_node_changes_nothing()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions());
        using (IShardFile file = node.Open("a", Make))
            file.Write([1], 0);
        using InMemoryNode reader = node.Cluster.AddNode("reader", new InMemoryNodeOptions { IsReadOnly = true });
        reader.Capabilities.IsReadOnly.Should().BeTrue();
        using IShardFile read = reader.Open("a", ShardOpenOptions.Read);
        Action[] changes =
        [
            () => reader.Open("a", ShardOpenOptions.Write), () => reader.Open("b", Make), () => reader.Delete("a"),
            () => reader.Rename("a", "b"), () => reader.CreateDirectory("b", default), () => read.WriteAttribute(Attribute, [1]),
            () => read.SetTimes(default, default), () => read.Touch(), () => read.SetOwnership(default, 0, 0),
        ];
        foreach (Action change in changes)
            ErrorOf(change).Should().Be(ShardError.ReadOnly);
        read.TryLock(Byte, LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public void Permission_bits_bind_all_users_but_root()
    {
        using InMemoryNode root = NodeOf(new InMemoryClusterOptions());
        root.Open("private", Make, UnixFileMode.UserRead | UnixFileMode.UserWrite).Dispose();
        root.Open("public", Make, UnixFileMode.UserRead | UnixFileMode.OtherRead).Dispose();
        using InMemoryNode user = root.Cluster.AddNode("user", new InMemoryNodeOptions { UserId = 7, GroupId = 7 });
        ErrorOf(() => user.Open("private", ShardOpenOptions.Read)).Should().Be(ShardError.AccessDenied);
        ErrorOf(() => user.Open("public", ShardOpenOptions.Write)).Should().Be(ShardError.AccessDenied);
        ErrorOf(() => user.Open("new", Make)).Should().Be(ShardError.AccessDenied, "the root directory is another's");
        using IShardFile file = user.Open("public", ShardOpenOptions.Read);
        ErrorOf(() => file.SetTimes(default, default)).Should().Be(ShardError.AccessDenied);
    }

    [Test]
    public void Inode_numbers_do_not_fit_a_double_and_are_used_again_once_the_file_is_gone()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions());
        IShardFile file = node.Open("a", Make);
        FileIdentity identity = file.Identity;
        ((ulong)(double)(identity.Inode | 1)).Should().NotBe(identity.Inode | 1);
        node.Delete("a");
        using (IShardFile second = node.Open("b", Make))
            second.Identity.Should().NotBe(identity, "the first one is still open");
        file.Dispose();
        using IShardFile third = node.Open("c", Make);
        third.Identity.Should().Be(identity);
    }

    [Test]
    public void Below_a_mount_nothing_is_on_the_shards_device()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions());
        node.Cluster.MountOtherDevice("mount");
        using IShardFile file = node.Open("mount/a", Make);
        file.Identity.OnShardDevice.Should().BeFalse();
        ErrorOf(() => node.Rename("mount/a", "b")).Should().Be(ShardError.NotSupported);
    }

    [Test]
    public void A_crash_takes_with_it_what_was_not_flushed_if_the_options_say_so()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { CrashLosesUnflushedChanges = true });
        using InMemoryNode witness = node.Cluster.AddNode("witness");
        IShardFile file = node.Open("a", Make);
        file.Write([1], 0);
        file.WriteAttribute(Attribute, [1]);
        file.Flush();
        node.FlushDirectory("");
        file.Write([2], 0);
        file.SetLength(100);
        file.RemoveAttribute(Attribute);
        node.Open("unflushed name", Make).Flush();
        node.Rename("a", "b");
        node.Crash();
        witness.ReadDirectory("").Select(e => e.Name).Should().Equal("a");
        ShardFileInfo info = witness.GetInfo("a")!.Value;
        info.Size.Should().Be(1);
        info.LinkCount.Should().Be(1);
        witness.ReadAttribute("a", Attribute).Should().Equal(1);
        using IShardFile read = witness.Open("a", ShardOpenOptions.Read);
        byte[] buffer = new byte[1];
        read.Read(buffer, 0);
        buffer.Should().Equal(1);
    }

    [Test]
    public void One_barrier_makes_all_durable()
    {
        using InMemoryNode node = NodeOf(new InMemoryClusterOptions { CrashLosesUnflushedChanges = true });
        using InMemoryNode witness = node.Cluster.AddNode("witness");
        node.Open("a", Make).Write([1, 2], 0);
        node.FlushAll();
        node.Crash();
        witness.GetInfo("a")!.Value.Size.Should().Be(2);
    }

    [Test]
    public void Options_out_of_range_are_refused()
    {
        FluentActions.Invoking(() => new InMemoryCluster(new InMemoryClusterOptions { TimestampGranularity = TimeSpan.Zero }))
            .Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new InMemoryCluster().AddNode("x", new InMemoryNodeOptions { ClockRate = 0 }))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    private static InMemoryNode NodeOf(InMemoryClusterOptions options) => new InMemoryCluster(options).AddNode("node");

    private static ShardError ErrorOf(Action action) => action.Should().Throw<ShardIOException>().Which.Error;
}
