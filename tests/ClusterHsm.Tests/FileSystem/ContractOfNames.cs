using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Names of all kinds, and paths that lead out of the root.</summary>
public abstract class ContractOfNames<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] StrangeNames =
    [
        "two words", " leading and trailing ", "new\nline", "tab\tand\u0001control", "quote\"and'and\\", "-rf", "*?[", "...", ".hidden",
        "täglich", "日本語", "😀", "e\u0301", "\uDCFF", "caf\uDCE9", "\uDC80\uDCBFx\uDCC3", "a\uDCF0\uDC9Fb",
        new string('x', 255), new string('ä', 127), new string('\uDCFE', 255),
    ];

    [TestCaseSource(nameof(StrangeNames))]
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
    public void Two_spellings_of_the_same_bytes_are_one_name()
    {
        Fill("caf\uDCC3\uDCA9", [1]);
        Node.GetInfo("café").Should().NotBeNull();
        Node.ReadDirectory("").Select(e => e.Name).Should().Equal("café");
    }

    [Test]
    public void A_name_of_256_bytes_is_too_large()
    {
        ErrorOf(() => Open(new string('x', 256))).Should().Be(ShardError.TooLarge);
        ErrorOf(() => Open(new string('ä', 128))).Should().Be(ShardError.TooLarge);
    }

    [Test]
    public void A_name_with_a_nul_is_refused_and_not_cut_off_there()
    {
        Action open = () => Open("file\0.txt");
        open.Should().Throw<Exception>().Which.Should().Match(e => e is ArgumentException || e is ShardIOException);
        Node.ReadDirectory("").Should().BeEmpty();
    }

    [Test]
    public void Nothing_has_a_name_that_is_not_there()
    {
        Fill("file", [1]);
        Node.GetInfo("absent").Should().BeNull();
        Node.GetInfo("absent/below").Should().BeNull();
        Node.GetInfo("file/below").Should().BeNull();
        ErrorOf(() => Node.Open("file/below", ShardOpenOptions.Read)).Should().Be(ShardError.NotFound);
    }

    [TestCase("..")]
    [TestCase("../x")]
    [TestCase("folder/../../x")]
    [TestCase("/etc/passwd")]
    [TestCase("/")]
    [TestCase("up")]
    [TestCase("up/x")]
    [TestCase("absolute")]
    [TestCase("absolute/x")]
    [TestCase("chain/x")]
    public void A_path_that_leaves_the_root_is_refused(string path)
    {
        Node.CreateDirectory("folder", Private);
        Shard.CreateSymbolicLink("up", "folder/../..");
        Shard.CreateSymbolicLink("absolute", "/tmp");
        Shard.CreateSymbolicLink("chain", "folder/../up");
        ErrorOf(() => Node.Open(path, ShardOpenOptions.Read)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.ReadAttribute(path, AttributeName)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.ReadDirectory(path).ToArray()).Should().Be(ShardError.OutsideRoot);
    }

    [TestCase("../x")]
    [TestCase("/x")]
    [TestCase("up/x")]
    [TestCase("absolute/x")]
    public void Names_outside_the_root_are_neither_made_nor_looked_at_nor_changed(string path)
    {
        Fill("file", [1]);
        Node.CreateDirectory("folder", Private);
        Shard.CreateSymbolicLink("up", "..");
        Shard.CreateSymbolicLink("absolute", "/tmp");
        ErrorOf(() => Node.GetInfo(path)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.CreateDirectory(path, Private)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Delete(path)).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Rename(path, "here")).Should().Be(ShardError.OutsideRoot);
        ErrorOf(() => Node.Rename("file", path)).Should().Be(ShardError.OutsideRoot);
        ReadAll("file").Should().Equal(1);
    }

    [Test]
    public void Dots_and_doubled_slashes_inside_the_root_are_harmless()
    {
        Node.CreateDirectory("a", Private);
        Node.CreateDirectory("a/b", Private);
        Fill("a/file", [1]);
        FileIdentity identity = Node.GetInfo("a/file")!.Value.Identity;
        foreach (string path in new[] { "a/./file", "a//file", "a/b/../file", "./a/file", "a/b/../../a/file" })
            Open(path, ShardOpenOptions.Read).Identity.Should().Be(identity, path);
    }

    [Test]
    public void A_symbolic_link_inside_the_root_is_followed()
    {
        Node.CreateDirectory("folder", Private);
        Fill("folder/file", [1, 2]);
        Shard.CreateSymbolicLink("link", "folder/file");
        Shard.CreateSymbolicLink("way", "folder");
        ReadAll("link").Should().Equal(1, 2);
        ReadAll("way/file").Should().Equal(1, 2);
        Node.GetInfo("way/file")!.Value.Type.Should().Be(ShardEntryType.File);
        Node.ReadDirectory("way").Select(e => e.Name).Should().Equal("file");
    }

    [Test]
    public void Asked_about_itself_a_symbolic_link_is_not_followed()
    {
        Fill("file", [1]);
        Shard.CreateSymbolicLink("link", "file");
        Shard.CreateSymbolicLink("dangling", "nowhere");
        Shard.CreateSymbolicLink("outside", "/etc/passwd");
        foreach (string name in new[] { "link", "dangling", "outside" })
            Node.GetInfo(name)!.Value.Type.Should().Be(ShardEntryType.SymbolicLink);
        ErrorOf(() => Node.Open("dangling", ShardOpenOptions.Read)).Should().Be(ShardError.NotFound);
    }

    [Test]
    public void Links_that_go_round_in_a_circle_end_in_a_failure()
    {
        Shard.CreateSymbolicLink("a", "b");
        Shard.CreateSymbolicLink("b", "a");
        Node.Invoking(n => n.Open("a", ShardOpenOptions.Read)).Should().Throw<ShardIOException>();
        Node.GetInfo("a")!.Value.Type.Should().Be(ShardEntryType.SymbolicLink);
    }
}
