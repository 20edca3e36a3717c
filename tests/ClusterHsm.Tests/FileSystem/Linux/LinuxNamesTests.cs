using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture(true)]
[TestFixture(false)]
public class LinuxNamesTests(bool useOpenAt2)
{
    private static readonly string[] OddNames =
        [" ", "two\nlines", "back\\slash", "é", "bytes \uDCFF\uDC80 that are no UTF-8", "-rf *"];

    private LinuxTestFolder _folder = null!;

    private LinuxShardFileSystem Shard => _folder.Shard;

    [SetUp]
    public void MakeFolder() => _folder = new LinuxTestFolder(new LinuxShardOptions(UseOpenAt2: useOpenAt2));

    [TearDown]
    public void Clean() => _folder.Dispose();

    [TestCaseSource(nameof(OddNames))]
    public void Odd_names_are_made_listed_looked_at_renamed_and_removed(string name)
    {
        _folder.Open(name).Write("x"u8, 0);

        ShardEntry entry = Shard.ReadDirectory("").Single();
        entry.Name.Should().Be(name);
        entry.Inode.Should().Be(Shard.GetInfo(name)!.Value.Identity.Inode);
        Shard.Rename(name, "plain");
        Shard.GetInfo(name).Should().BeNull();
        Shard.Rename("plain", name);
        Shard.Delete(name);
        Shard.ReadDirectory("").Should().BeEmpty();
    }

    [Test]
    public async Task A_name_of_other_bytes_that_another_program_made_is_opened()
    {
        await LinuxTestFolder.RunShell("cd \"$1\" && printf content > \"$(printf 'odd\\377\\303name')\"", _folder.Root);

        string name = Shard.ReadDirectory("").Single().Name;
        name.Should().Be("odd\uDCFF\uDCC3name");
        LinuxTestFolder.Read(_folder.Open(name, ShardOpenOptions.Read)).Should().Be("content");
        Shard.Delete(name); // System.IO cannot
    }

    [Test]
    public void A_name_may_have_255_bytes_and_not_256()
    {
        _folder.Open(new string('n', 255));
        Shard.ReadDirectory("").Single().Name.Should().HaveLength(255);

        FluentActions.Invoking(() => _folder.Open(new string('n', 256)))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.TooLarge);
    }

    [Test]
    public void A_long_way_down_is_walked()
    {
        string path = "";
        for (int i = 0; i < 15; i++)
        {
            path += new string((char)('a' + i), 200) + "/";
            Shard.CreateDirectory(path, (UnixFileMode)0x1ED).Should().BeTrue();
        }
        _folder.Open(path + "file").Write("deep"u8, 0);

        Shard.GetInfo(path + "file")!.Value.Size.Should().Be(4);
    }

    [Test]
    public void A_name_with_NUL_is_an_argument_error()
    {
        FluentActions.Invoking(() => Shard.Open("a\0b", ShardOpenOptions.Read)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Shard.Delete("a\0b")).Should().Throw<ArgumentException>();
    }

    [Test]
    public void What_is_not_there_has_no_facts()
    {
        _folder.Write("file", "x");

        Shard.GetInfo("none").Should().BeNull();
        Shard.GetInfo("none/none").Should().BeNull();
        Shard.GetInfo("file/none").Should().BeNull();
        Shard.Delete("none");
        Shard.Delete("none/none");
        Shard.Delete("file/none");
    }

    [TestCase(0x1ED)]
    [TestCase(0x1FF)]
    [TestCase(0x3FF)]
    [TestCase(0x1C0)]
    [TestCase(0x100)]
    public void A_directory_has_exactly_the_bits_asked_for(int mode)
    {
        Shard.CreateDirectory("folder", (UnixFileMode)mode).Should().BeTrue();
        Shard.CreateDirectory("folder", (UnixFileMode)0x1ED).Should().BeFalse();
        Shard.CreateDirectory("folder/", (UnixFileMode)0x1ED).Should().BeFalse();
        Shard.CreateDirectory("", (UnixFileMode)0x1ED).Should().BeFalse();

        Shard.GetInfo("folder")!.Value.Mode.Should().Be((UnixFileMode)mode);
    }

    [Test]
    public void A_directory_is_not_made_where_a_file_is()
    {
        _folder.Write("file", "x");

        FluentActions.Invoking(() => Shard.CreateDirectory("file", (UnixFileMode)0x1ED))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.AlreadyExists);
    }

    [Test]
    public void A_failure_names_the_path_that_was_asked_for_and_not_its_parent()
    {
        _folder.Write("file", "x");

        FluentActions.Invoking(() => Shard.CreateDirectory("none/folder", (UnixFileMode)0x1ED)).Should().Throw<ShardIOException>()
            .WithMessage($"Cannot make the directory '{_folder.PathOf("none/folder")}': the directory that it would be in is not there.");
        FluentActions.Invoking(() => Shard.Rename("file", "none/file")).Should().Throw<ShardIOException>()
            .WithMessage($"Cannot rename a file to '{_folder.PathOf("none/file")}': *").Which.Error.Should().Be(ShardError.NotFound);
        FluentActions.Invoking(() => Shard.Rename("none", "file")).Should().Throw<ShardIOException>()
            .Which.Error.Should().Be(ShardError.NotFound);
    }

    [Test]
    public void Only_files_are_deleted()
    {
        Shard.CreateDirectory("folder", (UnixFileMode)0x1ED);

        FluentActions.Invoking(() => Shard.Delete("folder"))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
        FluentActions.Invoking(() => Shard.Delete("")).Should().Throw<ShardIOException>();
    }

    [Test]
    public void A_rename_replaces_and_keeps_the_identity()
    {
        _folder.Write("new", "new");
        _folder.Write("old", "old");
        FileIdentity identity = Shard.GetInfo("new")!.Value.Identity;

        Shard.Rename("new", "old");

        LinuxTestFolder.Read(_folder.Open("old", ShardOpenOptions.Read)).Should().Be("new");
        Shard.GetInfo("old")!.Value.Identity.Should().Be(identity);
        identity.OnShardDevice.Should().BeTrue();
    }

    [Test]
    public void A_file_is_not_a_directory()
    {
        _folder.Write("file", "x");

        FluentActions.Invoking(() => Shard.ReadDirectory("file").Count())
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
        FluentActions.Invoking(() => Shard.ReadDirectory("none").Count())
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotFound);
        FluentActions.Invoking(() => Shard.Open("file/x", ShardOpenOptions.Read))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotFound);
    }

    [Test]
    public void A_directory_may_change_while_it_is_listed_and_a_broken_off_listing_closes_it()
    {
        for (int i = 0; i < 3000; i++)
            _folder.Write($"file{i}", "");
        HashSet<string> seen = [];
        foreach (ShardEntry entry in Shard.ReadDirectory(""))
        {
            entry.Type.Should().Be(ShardEntryType.File);
            seen.Add(entry.Name).Should().BeTrue();
            Shard.Delete(entry.Name);
        }
        seen.Should().HaveCount(3000);
        Shard.ReadDirectory("").Should().BeEmpty();

        _folder.Write("one", "");
        _folder.Write("two", "");
        _ = Shard.ReadDirectory("").First();
        Directory.GetFileSystemEntries("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget == _folder.Root)
            .Should().Be(2, "the shard itself keeps two descriptors of the root, one to find names by and one to flush");
    }

    [Test]
    public void Everything_is_flushed()
    {
        _folder.Open("file").Write("x"u8, 0);
        Shard.FlushDirectory("");
        Shard.FlushAll();
    }
}
