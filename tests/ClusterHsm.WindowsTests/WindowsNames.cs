using ClusterHsm.FileSystem;
using ClusterHsm.Tests.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>Names and paths on Windows: what can be made, and what leads out of the root.</summary>
[TestFixture]
[Platform("Win")]
public sealed class WindowsNames : ShardFileSystemContract<WindowsShard>
{
    [TestCase("two words")]
    [TestCase(".hidden")]
    [TestCase("...dots")]
    [TestCase("täglich")]
    [TestCase("日本語")]
    [TestCase("😀")]
    [TestCase("e\u0301")]
    [TestCase("NUL")]
    [TestCase("con.txt")]
    public void A_name_makes_the_way_there_and_back(string name)
    {
        Fill(name, [1, 2]);
        Other.ReadDirectory("").Select(e => e.Name).Should().Equal(name);
        Other.GetInfo(name)!.Value.Size.Should().Be(2);
        Node.Rename(name, "plain");
        Node.Rename("plain", name);
        ReadAll(name).Should().Equal(1, 2);
        Node.Delete(name);
        Node.ReadDirectory("").Should().BeEmpty();
    }

    [Test]
    public void A_name_is_found_whatever_its_case()
    {
        Fill("File", [1]);
        Node.GetInfo("fILE")!.Value.Identity.Should().Be(Node.GetInfo("File")!.Value.Identity);
    }

    [TestCase("file:stream")]
    [TestCase(":stream")]
    [TestCase("folder\\file")]
    [TestCase("folder\\..\\..\\x")]
    [TestCase("..\\x")]
    [TestCase("C:\\Windows")]
    public void A_stream_a_drive_or_a_backslash_is_no_name(string path)
    {
        Fill("file", [1]);
        Node.CreateDirectory("folder", default);
        Fill("folder/file", [1]);
        Node.GetInfo(path).Should().BeNull();
        ErrorOf(() => Node.Open(path, ShardOpenOptions.Read)).Should().Be(ShardError.NotFound);
        ErrorOf(() => Node.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create)).Should().Be(ShardError.NotFound);
        ErrorOf(() => Node.Rename("file", path)).Should().Be(ShardError.NotFound);
        Directory.GetFileSystemEntries(Shard.Root).Should().HaveCount(2);
    }

    [TestCase("..")]
    [TestCase("../x")]
    [TestCase("folder/../../x")]
    [TestCase("/Windows/win.ini")]
    [TestCase("//server/share")]
    [TestCase("/")]
    public void A_path_that_leaves_the_root_is_refused(string path)
    {
        Node.CreateDirectory("folder", default);
        Fill("file", [1]);
        ErrorOf(() => Node.Open(path, ShardOpenOptions.Read)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.GetInfo(path)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.ReadAttribute(path, AttributeName)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.ReadDirectory(path).ToArray()).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.CreateDirectory(path, default)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Delete(path)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Rename(path, "here")).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Rename("file", path)).Should().BeOneOf(ShardError.OutsideRoot, ShardError.NotARegularFile);
    }

    [Test]
    public void Dots_and_doubled_slashes_inside_the_root_are_harmless()
    {
        Node.CreateDirectory("a", default);
        Node.CreateDirectory("a/b", default);
        Fill("a/file", [1]);
        FileIdentity identity = Node.GetInfo("a/file")!.Value.Identity;
        foreach (string path in new[] { "a/./file", "a//file", "a/b/../file", "./a/file", "a/b/../../a/file" })
            Open(path, ShardOpenOptions.Read).Identity.Should().Be(identity, path);
    }

    [Test]
    public void A_name_of_256_characters_is_too_large() =>
        ErrorOf(() => Open(new string('x', 256))).Should().Be(ShardError.TooLarge);

    [Test]
    public void A_path_may_be_longer_than_260_characters()
    {
        string path = "";
        for (int i = 0; i < 4; i++)
            Node.CreateDirectory(path = ShardPath.Combine(path, new string((char)('a' + i), 100)), default);
        Fill(path + "/file", [1]);
        ReadAll(path + "/file").Should().Equal(1);
    }

    [Test]
    public void A_directory_lists_files_and_folders()
    {
        Node.CreateDirectory("folder", default);
        Node.CreateDirectory("folder/sub", default);
        Fill("folder/file", [1]);
        ShardEntry[] entries = [.. Other.ReadDirectory("folder").OrderBy(e => e.Name)];
        entries.Select(e => (e.Name, e.Type)).Should().Equal(("file", ShardEntryType.File), ("sub", ShardEntryType.Directory));
        foreach (ShardEntry entry in entries)
            entry.Inode.Should().Be(Node.GetInfo("folder/" + entry.Name)!.Value.Identity.Inode);
    }

    [TestCase("file")]
    [TestCase("a/b")]
    public void A_path_as_a_user_gives_it_is_made_relative_to_the_root(string path)
    {
        ShardPath.Normalize(Node.Root, Path.Combine(Shard.Root, path.Replace('/', '\\'))).Should().Be(path);
        ShardPath.Normalize(Node.Root, Path.Combine(Shard.Root.ToUpperInvariant(), path)).Should().Be(path);
        ShardPath.Normalize(Node.Root, path.Replace('/', '\\')).Should().Be(path);
        ErrorOf(() => ShardPath.Normalize(Node.Root, "C:\\elsewhere")).Should().Be(ShardError.OutsideRoot);
    }
}
