using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Directories: made, listed, and names removed and changed in them.</summary>
public abstract class ContractOfDirectories<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [TestCase(0b111_101_101)]
    [TestCase(0b1_111_111_111)]
    [TestCase(0b111_111_111)]
    public void A_directory_is_made_with_exactly_its_permission_bits(int mode)
    {
        RequirePermissionBits();
        Node.CreateDirectory("folder", (UnixFileMode)mode).Should().BeTrue();
        ShardFileInfo info = Other.GetInfo("folder")!.Value;
        info.Type.Should().Be(ShardEntryType.Directory);
        info.Mode.Should().Be((UnixFileMode)mode);
    }

    [Test]
    public void A_directory_that_is_there_is_left_as_it_is()
    {
        Node.CreateDirectory("folder", Private);
        Other.CreateDirectory("folder", (UnixFileMode)0b111_111_111).Should().BeFalse();
        if (Node.Capabilities.KeepsPermissionBits)
            Node.GetInfo("folder")!.Value.Mode.Should().Be(Private);
        Node.CreateDirectory("", Private).Should().BeFalse("the root is there");
    }

    [Test]
    public void A_directory_is_not_made_without_its_parent_nor_in_place_of_a_file()
    {
        ErrorOf(() => Node.CreateDirectory("absent/folder", Private)).Should().Be(ShardError.NotFound);
        Fill("file", [1]);
        ErrorOf(() => Node.CreateDirectory("file", Private)).Should().Be(ShardError.AlreadyExists);
    }

    [Test]
    public void A_directory_lists_what_is_in_it()
    {
        Node.CreateDirectory("folder", Private);
        Node.CreateDirectory("folder/sub", Private);
        Fill("folder/file", [1]);
        Fill("folder/sub/deep", [1]);
        Shard.CreateSymbolicLink("folder/link", "file");
        Shard.CreatePipe("folder/pipe");
        ShardEntry[] entries = [.. Other.ReadDirectory("folder")];
        entries.Select(e => e.Name).Should().BeEquivalentTo(["sub", "file", "link", "pipe"]);
        foreach (ShardEntry entry in entries)
        {
            ShardFileInfo info = Node.GetInfo("folder/" + entry.Name)!.Value;
            entry.Inode.Should().Be(info.Identity.Inode);
            entry.Type.Should().BeOneOf(ShardEntryType.Unknown, info.Type);
        }
    }

    [Test]
    public void The_root_is_listed_by_the_empty_path()
    {
        Fill("file", [1]);
        Node.ReadDirectory("").Select(e => e.Name).Should().Equal("file");
    }

    [Test]
    public void An_empty_directory_has_no_entries()
    {
        Node.CreateDirectory("folder", Private);
        Node.ReadDirectory("folder").Should().BeEmpty();
    }

    [Test]
    public void A_thousand_entries_are_listed_once_each()
    {
        Node.CreateDirectory("folder", Private);
        string[] names = [.. Enumerable.Range(0, 1_000).Select(i => $"file with a rather long name {i}")];
        foreach (string name in names)
            Fill("folder/" + name, []);
        Node.ReadDirectory("folder").Select(e => e.Name).Should().BeEquivalentTo(names);
    }

    [Test]
    public void A_listing_fails_while_it_is_enumerated_and_not_before()
    {
        IEnumerable<ShardEntry> absent = Node.ReadDirectory("absent");
        ErrorOf(() => absent.ToArray()).Should().Be(ShardError.NotFound);
        Fill("file", [1]);
        ErrorOf(() => Node.ReadDirectory("file").ToArray()).Should().Be(ShardError.NotARegularFile);
    }

    [Test]
    public void A_listing_can_be_given_up_and_entries_deleted_in_its_midst()
    {
        for (int i = 0; i < 100; i++)
            Fill("file" + i, []);
        Node.ReadDirectory("").Take(3).Should().HaveCount(3);
        foreach (ShardEntry entry in Node.ReadDirectory(""))
            Node.Delete(entry.Name);
        Other.ReadDirectory("").Should().BeEmpty();
    }

    [Test]
    public void A_deleted_name_is_gone_and_deleting_nothing_is_no_failure()
    {
        Fill("file", [1]);
        Node.Delete("file");
        Other.GetInfo("file").Should().BeNull();
        Node.Delete("file");
        Node.Delete("absent/file");
    }

    [Test]
    public void Delete_removes_files_only()
    {
        Node.CreateDirectory("folder", Private);
        ErrorOf(() => Node.Delete("folder")).Should().Be(ShardError.NotARegularFile);
        Node.GetInfo("folder").Should().NotBeNull();
    }

    [Test]
    public void Delete_removes_a_symbolic_link_and_not_its_target()
    {
        Fill("file", [1]);
        Shard.CreateSymbolicLink("link", "file");
        Node.Delete("link");
        Node.GetInfo("link").Should().BeNull();
        Node.GetInfo("file").Should().NotBeNull();
    }

    [Test]
    public void Rename_replaces_what_has_the_new_name_and_keeps_the_identity()
    {
        Fill("from", [1]);
        Fill("to", [2]);
        FileIdentity identity = Node.GetInfo("from")!.Value.Identity;
        IShardFile replaced = Open("to");
        if (!Shard.ReplacesOpenFiles)
            Assert.Ignore("A file that is open is not replaced here; what comes instead has a test of its own.");
        Node.Rename("from", "to");
        Other.GetInfo("from").Should().BeNull();
        Other.GetInfo("to")!.Value.Identity.Should().Be(identity);
        ReadAll("to").Should().Equal(1);
        ReadAll(replaced).Should().Equal(2);
        replaced.GetInfo().LinkCount.Should().Be(0);
    }

    [Test]
    public void Rename_goes_from_directory_to_directory()
    {
        Node.CreateDirectory("a", Private);
        Node.CreateDirectory("b", Private);
        Fill("a/file", [1]);
        Node.Rename("a/file", "b/other");
        Node.ReadDirectory("a").Should().BeEmpty();
        ReadAll("b/other").Should().Equal(1);
    }

    [Test]
    public void Rename_of_nothing_or_to_nowhere_is_not_found_and_over_a_directory_refused()
    {
        Fill("file", [1]);
        ErrorOf(() => Node.Rename("absent", "to")).Should().Be(ShardError.NotFound);
        ErrorOf(() => Node.Rename("file", "absent/to")).Should().Be(ShardError.NotFound);
        Node.CreateDirectory("folder", Private);
        ErrorOf(() => Node.Rename("file", "folder")).Should().Be(ShardError.NotARegularFile);
        ReadAll("file").Should().Equal(1);
    }

    [Test]
    public void Rename_to_the_same_name_or_to_another_link_of_the_file_loses_nothing()
    {
        Fill("file", [1]);
        Node.Rename("file", "file");
        Shard.CreateHardLink("file", "link");
        Node.Rename("file", "link");
        ReadAll("link").Should().Equal(1);
    }

    [Test]
    public void A_directory_can_be_flushed_if_it_is_there()
    {
        Node.CreateDirectory("folder", Private);
        Node.FlushDirectory("folder");
        Node.FlushDirectory("");
        ErrorOf(() => Node.FlushDirectory("absent")).Should().Be(ShardError.NotFound);
    }
}
