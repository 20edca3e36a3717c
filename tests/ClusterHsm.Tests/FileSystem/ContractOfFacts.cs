using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Times, owner, mode and links.</summary>
public abstract class ContractOfFacts<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    [TestCase(0, 0)]
    [TestCase(1_700_000_000, 123_456_789)]
    [TestCase(1_700_000_000, 999_999_999)]
    [TestCase(-1, 1)]
    [TestCase(4_000_000_000, 5)]
    public void Times_make_the_way_there_and_back(long seconds, int nanoseconds)
    {
        if (Node.Capabilities.TimestampGranularity > TimeSpan.FromTicks(1))
            nanoseconds = 0;
        if (!Shard.KeepsTimesBefore1970)
            seconds = Math.Max(0, seconds);
        var accessed = new ShardTimestamp(seconds + 7, nanoseconds);
        var modified = new ShardTimestamp(seconds, nanoseconds);
        Open("file").SetTimes(accessed, modified);
        ShardFileInfo info = Other.GetInfo("file")!.Value;
        info.Modified.Should().Be(modified);
        info.Accessed.Should().Be(accessed);
    }

    [Test]
    public void Times_can_be_put_back_after_a_hole_was_punched()
    {
        IShardFile file = Open("file");
        file.Write(Bytes(100_000), 0);
        ShardFileInfo before = file.GetInfo();
        Shard.LetTimePass();
        if (Node.Capabilities.CanPunchHoles)
            file.PunchHole(0, 100_000);
        file.SetTimes(before.Accessed, before.Modified);
        ShardFileInfo after = Other.GetInfo("file")!.Value;
        after.Modified.Should().Be(before.Modified);
        after.Size.Should().Be(before.Size);
    }

    [Test]
    public void Writing_moves_mtime_and_ctime()
    {
        IShardFile file = Open("file");
        ShardFileInfo before = file.GetInfo();
        Shard.LetTimePass();
        file.Write([1], 0);
        ShardFileInfo after = Other.GetInfo("file")!.Value;
        after.Modified.Should().BeGreaterThan(before.Modified);
        after.Changed.Should().BeGreaterThan(before.Changed);
    }

    [Test]
    public void Setting_times_moves_ctime()
    {
        IShardFile file = Open("file");
        ShardFileInfo before = file.GetInfo();
        Shard.LetTimePass();
        file.SetTimes(before.Accessed, before.Modified);
        file.GetInfo().Changed.Should().BeGreaterThan(before.Changed);
    }

    [Test]
    public void Touch_sets_both_times_to_the_shards_present_and_tells_it()
    {
        IShardFile file = Open("file");
        file.SetTimes(default, default);
        ShardTimestamp first = file.Touch();
        ShardFileInfo info = Other.GetInfo("file")!.Value;
        info.Modified.Should().Be(first);
        info.Accessed.Should().Be(first);
        Shard.LetTimePass();
        file.Touch().Should().BeGreaterThan(first);
    }

    [TestCase(0b110_100_000)]
    [TestCase(0b111_111_111)]
    [TestCase(0b110_000_000)]
    public void Mode_is_set_exactly(int mode)
    {
        RequirePermissionBits();
        IShardFile file = Open("file");
        ShardFileInfo before = file.GetInfo();
        file.SetOwnership((UnixFileMode)mode, before.UserId, before.GroupId);
        ShardFileInfo after = Other.GetInfo("file")!.Value;
        after.Mode.Should().Be((UnixFileMode)mode);
        after.UserId.Should().Be(before.UserId);
        after.GroupId.Should().Be(before.GroupId);
    }

    [Test]
    public void Owner_and_group_are_set_or_permission_is_missing()
    {
        RequirePermissionBits();
        IShardFile file = Open("file");
        ShardFileInfo before = file.GetInfo();
        try
        {
            file.SetOwnership(before.Mode, before.UserId + 12, before.GroupId + 34);
        }
        catch (ShardIOException e)
        {
            e.Error.Should().Be(ShardError.AccessDenied);
            Node.GetInfo("file")!.Value.UserId.Should().Be(before.UserId);
            return;
        }
        ShardFileInfo after = Other.GetInfo("file")!.Value;
        after.UserId.Should().Be(before.UserId + 12);
        after.GroupId.Should().Be(before.GroupId + 34);
        after.Mode.Should().Be(before.Mode);
    }

    [Test]
    public void Links_are_counted()
    {
        IShardFile file = Open("file");
        Shard.CreateHardLink("file", "second");
        file.GetInfo().LinkCount.Should().Be(2);
        Other.GetInfo("second")!.Value.Identity.Should().Be(file.Identity);
        Node.Delete("file");
        file.GetInfo().LinkCount.Should().Be(1);
        Node.Delete("second");
        file.GetInfo().LinkCount.Should().Be(0);
    }

    [Test]
    public void Facts_by_path_and_by_handle_are_the_same()
    {
        IShardFile file = Open("file");
        file.Write(Bytes(5_000), 0);
        file.Flush();
        Node.GetInfo("file").Should().Be(file.GetInfo());
        Other.GetInfo("file").Should().Be(file.GetInfo());
    }

    [Test]
    public void Data_takes_room()
    {
        IShardFile file = Open("file");
        file.Write(Bytes(100_000), 0);
        file.Flush();
        file.GetInfo().AllocatedBytes.Should().BeGreaterThanOrEqualTo(100_000);
    }

    [Test]
    public void The_root_has_facts_too()
    {
        ShardFileInfo root = Node.GetInfo("")!.Value;
        root.Type.Should().Be(ShardEntryType.Directory);
        root.Identity.OnShardDevice.Should().BeTrue();
    }
}
