using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>Nothing outside the root is reached, by the kernel's means and by our own walk.</summary>
[TestFixture(true)]
[TestFixture(false)]
public class LinuxBeneathTests(bool useOpenAt2)
{
    private LinuxTestFolder _folder = null!;

    private LinuxShardFileSystem Shard => _folder.Shard;

    [SetUp]
    public void MakeTree()
    {
        _folder = new LinuxTestFolder(new LinuxShardOptions(UseOpenAt2: useOpenAt2));
        Directory.CreateDirectory(_folder.PathOf("a/b"));
        _folder.Write("a/b/file", "inside");
        File.WriteAllText(Path.Combine(_folder.Outside, "secret"), "outside");
        Link("out", "../outside");
        Link("absolute", _folder.Outside);
        Link("a/climb", "../../outside/secret");
        Link("a/near", "b/file");
        Link("a/b/far", "../../a/./near");
        Link("home", "a/b/..");
        Link("circle", "circle");
        Link("dangling", "a/new");
    }

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void The_wanted_way_is_taken() => Shard.UsesOpenAt2.Should().Be(useOpenAt2);

    [TestCase("a/b/file")]
    [TestCase("a//b/./file")]
    [TestCase("a/b/../b/file")]
    [TestCase("a/../a/b/file")]
    [TestCase("a/near")]
    [TestCase("a/b/far")]
    [TestCase("home/b/file")]
    public void What_stays_inside_is_reached(string path) =>
        LinuxTestFolder.Read(_folder.Open(path, ShardOpenOptions.Read)).Should().Be("inside");

    [TestCase("../outside/secret")]
    [TestCase("a/../../outside/secret")]
    [TestCase("a/../../root/a/b/file")]
    [TestCase("out/secret")]
    [TestCase("absolute/secret")]
    [TestCase("a/climb")]
    [TestCase("home/../../outside/secret")]
    [TestCase("/etc/passwd")]
    [TestCase("..")]
    public void What_leaves_is_refused_by_every_member(string path)
    {
        ShouldBeOutside(() => Shard.Open(path, ShardOpenOptions.Read).Dispose());
        ShouldBeOutside(() => Shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose());
        ShouldBeOutside(() => Shard.ReadAttribute(path, "user.x"));
        ShouldBeOutside(() => Shard.FindWriters(path));
        ShouldBeOutside(() => Shard.ReadDirectory(path).Count());
        ShouldBeOutside(() => Shard.FlushDirectory(path));
    }

    [TestCase("../outside/made")]
    [TestCase("out/made")]
    [TestCase("absolute/made")]
    [TestCase("/tmp/made-by-clusterhsm-tests")]
    public void Names_are_not_made_renamed_or_removed_outside(string path)
    {
        ShouldBeOutside(() => Shard.CreateDirectory(path, (UnixFileMode)0x1ED));
        ShouldBeOutside(() => Shard.Rename("a/b/file", path));
        ShouldBeOutside(() => Shard.Rename(path, "a/stolen"));
        ShouldBeOutside(() => Shard.Delete(path));
        ShouldBeOutside(() => Shard.GetInfo(path));
        Directory.GetFileSystemEntries(_folder.Outside).Should().ContainSingle();
    }

    [Test]
    public void A_link_that_leaves_is_seen_as_a_link() =>
        Shard.GetInfo("out")!.Value.Type.Should().Be(ShardEntryType.SymbolicLink);

    [Test]
    public void Removing_a_link_leaves_what_it_points_at()
    {
        Shard.Delete("a/climb");

        File.Exists(_folder.PathOf("a/climb")).Should().BeFalse();
        File.ReadAllText(Path.Combine(_folder.Outside, "secret")).Should().Be("outside");
    }

    [Test]
    public void A_circle_of_links_is_an_error() =>
        FluentActions.Invoking(() => Shard.Open("circle", ShardOpenOptions.Read)).Should().Throw<ShardIOException>()
            .WithMessage("*circle*");

    [Test]
    public void Creating_through_a_dangling_link_makes_its_target()
    {
        _folder.Open("dangling").Write("x"u8, 0);

        File.ReadAllText(_folder.PathOf("a/new")).Should().Be("x");
    }

    [Test]
    public void Creating_exclusively_does_not_follow_a_link() =>
        FluentActions.Invoking(() => Shard.Open("dangling", ShardOpenOptions.Write | ShardOpenOptions.Create | ShardOpenOptions.Exclusive))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.AlreadyExists);

    [Test]
    public void The_root_is_the_empty_path()
    {
        Shard.GetInfo("")!.Value.Type.Should().Be(ShardEntryType.Directory);
        Shard.ReadDirectory("").Select(entry => entry.Name).Should().Contain(["a", "out"]);
        Shard.FlushDirectory("");
    }

    [Test]
    public void A_directory_moved_out_of_the_root_does_not_lead_out()
    {
        Directory.CreateDirectory(_folder.PathOf("a/moved"));
        using LinuxShardFileSystem shard = LinuxShardFileSystem.Open(_folder.PathOf("a/moved"), new(UseOpenAt2: useOpenAt2));
        Directory.Move(_folder.PathOf("a/moved"), Path.Combine(_folder.Outside, "moved"));

        ShouldBeOutside(() => shard.Open("../secret", ShardOpenOptions.Read));
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_folder.PathOf(name), target);

    private static void ShouldBeOutside(Action action) =>
        action.Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.OutsideRoot);
}
