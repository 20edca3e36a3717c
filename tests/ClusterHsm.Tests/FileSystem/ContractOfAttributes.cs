using System.Text;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Extended attributes, which hold the records.</summary>
public abstract class ContractOfAttributes<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private IShardFile _file = null!;

    [SetUp]
    public void MakeFile()
    {
        _file = Open("file");
        try
        {
            _file.WriteAttribute(AttributeName, [1]);
            _file.RemoveAttribute(AttributeName);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            Node.Capabilities.CanStoreRecords.Should().BeFalse(e.Message);
            Assert.Ignore($"{Node.Capabilities.FileSystemType} keeps no extended attributes, and says so.");
        }
    }

    [TearDown]
    public void CloseFile() => _file.Dispose();

    [Test]
    public void What_is_not_there_is_told_without_a_failure()
    {
        _file.ReadAttribute(AttributeName, new byte[16]).Should().Be(-1);
        Node.ReadAttribute("file", AttributeName).Should().BeNull();
        _file.RemoveAttribute(AttributeName).Should().BeFalse();
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1024)]
    [TestCase(2000)]
    public void A_value_is_read_on_the_other_node_as_it_was_set(int length)
    {
        byte[] value = Bytes(length), buffer = new byte[4096];
        _file.WriteAttribute(AttributeName, value);
        int read = OpenOnOther("file", ShardOpenOptions.Read).ReadAttribute(AttributeName, buffer);
        read.Should().Be(length);
        buffer[..read].Should().Equal(value);
        Other.ReadAttribute("file", AttributeName).Should().Equal(value);
    }

    [Test]
    public void A_value_just_fits()
    {
        _file.WriteAttribute(AttributeName, Bytes(100));
        byte[] buffer = new byte[100];
        _file.ReadAttribute(AttributeName, buffer).Should().Be(100);
        buffer.Should().Equal(Bytes(100));
    }

    [TestCase(99)]
    [TestCase(1)]
    [TestCase(0)]
    public void A_value_that_does_not_fit_is_too_large_even_for_no_room_at_all(int room)
    {
        _file.WriteAttribute(AttributeName, Bytes(100));
        ErrorOf(() => _file.ReadAttribute(AttributeName, new byte[room])).Should().Be(ShardError.TooLarge);
    }

    [Test]
    public void A_new_value_takes_the_place_of_the_old_one()
    {
        _file.WriteAttribute(AttributeName, Bytes(100));
        _file.WriteAttribute(AttributeName, [9]);
        Node.ReadAttribute("file", AttributeName).Should().Equal(9);
    }

    [Test]
    public void A_removed_attribute_is_gone()
    {
        _file.WriteAttribute(AttributeName, [1]);
        OpenOnOther("file").RemoveAttribute(AttributeName).Should().BeTrue();
        Node.ReadAttribute("file", AttributeName).Should().BeNull();
    }

    [Test]
    public void Attributes_of_several_names_are_several()
    {
        _file.WriteAttribute(AttributeName, [1]);
        _file.WriteAttribute(AttributeName + "2", [2]);
        _file.RemoveAttribute(AttributeName);
        Node.ReadAttribute("file", AttributeName + "2").Should().Equal(2);
    }

    [Test]
    public void An_attribute_belongs_to_the_file_under_all_its_names()
    {
        _file.WriteAttribute(AttributeName, [1]);
        Shard.CreateHardLink("file", "link");
        Node.Rename("file", "moved");
        Other.ReadAttribute("link", AttributeName).Should().Equal(1);
        Other.ReadAttribute("moved", AttributeName).Should().Equal(1);
    }

    [Test]
    public void An_attribute_outlives_all_changes_of_data()
    {
        _file.WriteAttribute(AttributeName, Encoding.UTF8.GetBytes("record"));
        _file.Write(Bytes(10_000), 0);
        if (Node.Capabilities.CanPunchHoles)
            _file.PunchHole(0, 10_000);
        _file.SetLength(0);
        Node.ReadAttribute("file", AttributeName).Should().Equal(Encoding.UTF8.GetBytes("record"));
    }

    [Test]
    public void An_attribute_changes_neither_data_nor_size_nor_mtime()
    {
        _file.Write([1, 2, 3], 0);
        ShardFileInfo before = _file.GetInfo();
        Shard.LetTimePass();
        _file.WriteAttribute(AttributeName, [1]);
        ShardFileInfo after = _file.GetInfo();
        after.Modified.Should().Be(before.Modified);
        after.Size.Should().Be(3);
        ReadAll("file").Should().Equal(1, 2, 3);
    }

    [Test]
    public void Asked_by_path_only_regular_files_answer()
    {
        ErrorOf(() => Node.ReadAttribute("absent", AttributeName)).Should().Be(ShardError.NotFound);
        Node.CreateDirectory("folder", (UnixFileMode)0b111_000_000);
        ErrorOf(() => Node.ReadAttribute("folder", AttributeName)).Should().Be(ShardError.NotARegularFile);
    }
}
