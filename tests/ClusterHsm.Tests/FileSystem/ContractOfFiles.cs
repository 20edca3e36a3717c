using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Opening, reading, writing, lengths, and files that lose their names.</summary>
public abstract class ContractOfFiles<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.Write)]
    [TestCase(ShardOpenOptions.ReadWrite)]
    public void A_file_that_is_not_there_is_not_found(ShardOpenOptions options) =>
        ErrorOf(() => Node.Open("absent", options)).Should().Be(ShardError.NotFound);

    [Test]
    public void A_failure_names_the_file_and_what_was_tried()
    {
        ShardIOException failure = Node.Invoking(n => n.Open("no such/file", ShardOpenOptions.Read))
            .Should().Throw<ShardIOException>().Which;
        failure.Path.Should().Be(Node.Root + "/no such/file");
        failure.Operation.Should().Be("open");
        failure.Message.Should().Contain("no such/file").And.EndWith(".");
    }

    [TestCase(0)]
    [TestCase(5)]
    public void A_buffer_that_ends_beyond_the_last_offset_there_is_reads_nothing(long before)
    {
        Fill("file", [1, 2, 3]);
        Open("file").Read(new byte[100], long.MaxValue - before).Should().Be(0);
    }

    [Test]
    public void Create_makes_an_empty_file_that_the_other_node_sees()
    {
        using (Node.Open("new", ShardOpenOptions.Write | ShardOpenOptions.Create)) { }
        ShardFileInfo info = Other.GetInfo("new")!.Value;
        info.Type.Should().Be(ShardEntryType.File);
        info.Size.Should().Be(0);
        info.LinkCount.Should().Be(1);
    }

    [Test]
    public void Create_can_make_a_file_that_is_opened_to_read()
    {
        Open("new", ShardOpenOptions.Read | ShardOpenOptions.Create).CanWrite.Should().BeFalse();
        Other.GetInfo("new").Should().NotBeNull();
    }

    [Test]
    public void Create_leaves_a_file_that_is_there_as_it_is()
    {
        Fill("file", [1, 2, 3]);
        ReadAll(Open("file")).Should().Equal(1, 2, 3);
    }

    [Test]
    public void Create_in_a_directory_that_is_not_there_is_not_found() =>
        ErrorOf(() => Open("absent/file")).Should().Be(ShardError.NotFound);

    [Test]
    public void Exclusive_makes_a_file_only_if_there_is_none()
    {
        const ShardOpenOptions exclusive = ShardOpenOptions.Write | ShardOpenOptions.Create | ShardOpenOptions.Exclusive;
        Open("file", exclusive);
        ErrorOf(() => Other.Open("file", exclusive)).Should().Be(ShardError.AlreadyExists);
    }

    [Test]
    public void Exclusive_takes_a_dangling_symbolic_link_for_a_name_that_is_taken()
    {
        Shard.CreateSymbolicLink("link", "nowhere");
        ErrorOf(() => Node.Open("link", ShardOpenOptions.Write | ShardOpenOptions.Create | ShardOpenOptions.Exclusive))
            .Should().Be(ShardError.AlreadyExists);
        Node.GetInfo("nowhere").Should().BeNull();
    }

    [Test]
    public void A_new_file_has_the_permission_bits_that_it_was_made_with()
    {
        RequirePermissionBits();
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Node.Open("file", ShardOpenOptions.Write | ShardOpenOptions.Create, mode).Dispose();
        Node.GetInfo("file")!.Value.Mode.Should().Be(mode);
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.ReadWrite)]
    [TestCase(ShardOpenOptions.ReadWrite | ShardOpenOptions.Create)]
    public void A_directory_is_not_a_regular_file(ShardOpenOptions options)
    {
        Node.CreateDirectory("folder", (UnixFileMode)0b111_000_000);
        ErrorOf(() => Node.Open("folder", options)).Should().Be(ShardError.NotARegularFile);
        ErrorOf(() => Node.Open("", options)).Should().Be(ShardError.NotARegularFile);
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.Write)]
    public void A_pipe_is_not_a_regular_file_and_opening_it_does_not_wait(ShardOpenOptions options)
    {
        Shard.CreatePipe("pipe");
        ErrorOf(() => Node.Open("pipe", options)).Should().Be(ShardError.NotARegularFile);
        Node.GetInfo("pipe")!.Value.Type.Should().Be(ShardEntryType.Other);
    }

    [Test]
    public void A_file_says_how_it_was_opened()
    {
        Fill("file", [1]);
        Open("file", ShardOpenOptions.Read).CanWrite.Should().BeFalse();
        Open("file", ShardOpenOptions.Write).CanWrite.Should().BeTrue();
        Open("file", ShardOpenOptions.ReadWrite).Path.Should().Be("file");
    }

    [Test]
    public void A_file_has_one_identity_by_path_by_handle_and_on_every_node()
    {
        IShardFile file = Open("file");
        file.Identity.Inode.Should().NotBe(0);
        file.Identity.OnShardDevice.Should().BeTrue();
        file.GetInfo().Identity.Should().Be(file.Identity);
        Node.GetInfo("file")!.Value.Identity.Should().Be(file.Identity);
        OpenOnOther("file").Identity.Should().Be(file.Identity);
        Open("second").Identity.Should().NotBe(file.Identity);
    }

    [Test]
    public void What_one_node_writes_the_other_reads()
    {
        byte[] bytes = Bytes(1_000_003);
        Open("file").Write(bytes, 0);
        ReadAll("file").Should().Equal(bytes);
    }

    [Test]
    public void A_read_gives_fewer_bytes_only_at_the_end()
    {
        Fill("file", Bytes(10_000));
        IShardFile file = OpenOnOther("file", ShardOpenOptions.Read);
        byte[] buffer = new byte[4096];
        file.Read(buffer, 0).Should().Be(4096);
        file.Read(buffer, 8192).Should().Be(10_000 - 8192);
        buffer[..(10_000 - 8192)].Should().Equal(Bytes(10_000)[8192..]);
        file.Read(buffer, 9_999).Should().Be(1);
        file.Read(buffer, 10_000).Should().Be(0);
        file.Read(buffer, 1L << 40).Should().Be(0);
        file.Read([], 0).Should().Be(0);
    }

    [Test]
    public void A_write_past_the_end_leaves_zeros_before_it()
    {
        IShardFile file = Open("file");
        file.Write([1], 0);
        file.Write([2, 3], 10_000);
        file.GetInfo().Size.Should().Be(10_002);
        ReadAll(file).Should().Equal([1, .. new byte[9_999], 2, 3]);
    }

    [Test]
    public void A_write_changes_only_its_own_bytes()
    {
        byte[] bytes = Bytes(20_000);
        IShardFile file = Open("file");
        file.Write(bytes, 0);
        byte[] patch = Bytes(9_001, seed: 2);
        file.Write(patch, 4_095);
        patch.CopyTo(bytes, 4_095);
        ReadAll("file").Should().Equal(bytes);
    }

    [Test]
    public void Offsets_beyond_four_gibibytes_are_kept()
    {
        const long offset = (5L << 30) + 3;
        IShardFile file = Open("file");
        file.Write([7, 8, 9], offset);
        byte[] buffer = new byte[8];
        file.Read(buffer, offset - 2).Should().Be(5);
        buffer[..5].Should().Equal(0, 0, 7, 8, 9);
        file.GetInfo().Size.Should().Be(offset + 3);
    }

    [Test]
    public void A_write_of_nothing_changes_nothing()
    {
        IShardFile file = Open("file");
        file.Write([], 100);
        file.GetInfo().Size.Should().Be(0);
    }

    [Test]
    public void A_handle_does_only_what_it_was_opened_for()
    {
        Fill("file", [1, 2, 3]);
        IShardFile reader = Open("file", ShardOpenOptions.Read), writer = Open("file", ShardOpenOptions.Write);
        ErrorOf(() => reader.Write([9], 0)).Should().Be(ShardError.AccessDenied);
        ErrorOf(() => writer.Read(new byte[1], 0)).Should().Be(ShardError.AccessDenied);
        reader.Invoking(r => r.SetLength(0)).Should().Throw<ShardIOException>();
        reader.Invoking(r => r.PunchHole(0, 3)).Should().Throw<ShardIOException>();
        ReadAll("file").Should().Equal(1, 2, 3);
    }

    [Test]
    public void SetLength_cuts_and_grows_with_zeros()
    {
        IShardFile file = Open("file");
        file.Write(Bytes(6_000), 0);
        file.SetLength(10);
        file.GetInfo().Size.Should().Be(10);
        file.SetLength(6_000);
        ReadAll("file").Should().Equal([.. Bytes(6_000)[..10], .. new byte[5_990]]);
        file.SetLength(0);
        ReadAll("file").Should().BeEmpty();
    }

    [Test]
    public void A_deleted_file_works_on_for_those_who_have_it_open()
    {
        IShardFile file = Open("file"), other = OpenOnOther("file");
        Node.Delete("file");
        Node.GetInfo("file").Should().BeNull();
        file.Write([4, 5], 0);
        ReadAll(file).Should().Equal(4, 5);
        file.GetInfo().LinkCount.Should().Be(0);
        other.TryLock(new LockRange(0, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
        file.TryLock(new LockRange(0, 1), LockKind.Shared).Status.Should().Be(LockStatus.Denied, "it is still one file");
        Open("file").Identity.Should().NotBe(file.Identity, "a new file of the same name is another one");
    }

    [Test]
    public void A_handle_goes_with_its_file_when_that_is_renamed()
    {
        IShardFile file = Open("old");
        Node.Rename("old", "new");
        file.Write([1, 2], 0);
        ReadAll("new").Should().Equal(1, 2);
        Node.GetInfo("new")!.Value.Identity.Should().Be(file.Identity);
    }

    [Test]
    public void Flushing_and_advice_do_not_fail()
    {
        IShardFile file = Open("file");
        file.Write([1, 2, 3], 0);
        file.Flush();
        foreach (FileAdvice advice in Enum.GetValues<FileAdvice>())
            file.Advise(advice);
        file.Advise(FileAdvice.WillNeed, 1, 1);
        if (Node.Capabilities.HasBarrier)
            Node.FlushAll();
        Node.FlushDirectory("");
        ReadAll("file").Should().Equal(1, 2, 3);
    }

    [Test]
    public void The_descriptor_where_there_is_one_reads_the_same_file()
    {
        IShardFile file = Open("file");
        file.Write([1, 2, 3], 0);
        if (file.Handle is not { } handle)
            return;
        byte[] buffer = new byte[3];
        RandomAccess.Read(handle, buffer, 0).Should().Be(3);
        buffer.Should().Equal(1, 2, 3);
    }

    [Test]
    public void A_file_can_be_disposed_twice_and_its_node_as_well()
    {
        IShardFile file = Open("file");
        file.Dispose();
        file.Dispose();
        Node.Dispose();
        Node.Dispose();
        Other.GetInfo("file").Should().NotBeNull();
    }

    [Test]
    public void Many_threads_read_and_write_one_handle_at_their_own_offsets()
    {
        IShardFile file = Open("file");
        Parallel.For(0, 64, i =>
        {
            byte[] bytes = Bytes(1_000, seed: i), read = new byte[1_000];
            file.Write(bytes, i * 1_000L);
            file.Read(read, i * 1_000L).Should().Be(1_000);
            read.Should().Equal(bytes);
        });
        ReadAll("file").Should().Equal(Enumerable.Range(0, 64).SelectMany(i => Bytes(1_000, seed: i)));
    }

    [Test]
    public void The_clock_does_not_go_back()
    {
        long before = Node.Clock.GetTimestamp();
        Node.Clock.GetTimestamp().Should().BeGreaterThanOrEqualTo(before);
        Node.Clock.TimestampFrequency.Should().BePositive();
    }

    [Test]
    public void The_root_is_an_absolute_path_and_the_nodes_agree_on_what_the_shard_can_do()
    {
        (Node.Root.StartsWith('/') || Path.IsPathFullyQualified(Node.Root)).Should().BeTrue(Node.Root); // in memory it is Linux's, wherever this runs
        Other.Capabilities.Should().Be(Node.Capabilities);
        Node.Capabilities.FileSystemType.Should().NotBeEmpty();
    }
}
