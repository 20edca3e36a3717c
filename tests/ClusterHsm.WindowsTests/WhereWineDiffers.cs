using ClusterHsm.FileSystem;
using ClusterHsm.Tests.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>What Wine does and Windows does not; that the library comes to no harm by it. On Windows itself the contract says what must be.</summary>
[TestFixture]
[Platform("Win")]
public sealed class WhereWineDiffers : ShardFileSystemContract<WindowsShard>
{
    [SetUp]
    public void RequireWine()
    {
        if (RealWindows.IsAsked)
            Assert.Ignore(RealWindows.OnlyWine);
    }

    [Test]
    public void Wine_refuses_to_replace_a_file_that_is_open_and_changes_nothing()
    {
        Fill("from", [1]);
        Fill("to", [2]);
        FileIdentity identity = Node.GetInfo("from")!.Value.Identity;
        IShardFile open = Open("to");
        ErrorOf(() => Node.Rename("from", "to")).Should().Be(ShardError.AccessDenied);
        ReadAll(open).Should().Equal(2);
        open.Dispose();
        Node.Rename("from", "to");
        ReadAll("to").Should().Equal(1);
        Node.GetInfo("to")!.Value.Identity.Should().Be(identity);
    }

    [Test]
    public void Wine_opens_a_file_anew_by_its_name_so_a_renamed_one_is_a_dead_handle_and_never_another_file()
    {
        Fill("file", [1, 2, 3]);
        IShardFile file = Open("file", ShardOpenOptions.Read);
        Node.Rename("file", "renamed");
        Fill("file", [9]);
        ErrorOf(() => file.Reopen(ShardOpenOptions.ReadWrite)).Should().Be(ShardError.DeadHandle);
        ReadAll("file").Should().Equal(9);
    }

    [Test]
    public void Wines_volumes_say_that_they_keep_no_streams() => Node.Capabilities.CanStoreRecords.Should().BeFalse();
}
