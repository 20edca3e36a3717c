using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Opening a stub without recalling it: to overwrite it, to look at it, to read a piece of it, or not to touch it at all.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfStubAccess : NodeScenarioFixture
{
    private const uint Nobody = 65534;

    [TestCase(FileMode.Truncate)]
    [TestCase(FileMode.Create)]
    public async Task Overwriting_with_truncation_needs_no_transfer_and_leaves_a_regular_file(FileMode mode)
    {
        await WriteStubAsync("f", 5000);
        await using ComposedNode node = Compose();

        await using (HsmFile file = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = mode }))
            file.Write("new"u8, 0);

        (await node.Volume.ReadAllAsync("f")).Should().Equal("new"u8.ToArray());
        FileStatus status = node.Volume.GetStatus("f");
        (status.State, status.Record!.ReleaseCount).Should().Be((FileState.Regular, 1L));
        node.Store.Opens.Should().Be(0);
    }

    [TestCase(StubAccess.Fail)]
    [TestCase(StubAccess.StubOnly)]
    public async Task Who_wants_no_recall_gets_an_error_at_once_and_no_zeros(StubAccess access)
    {
        await WriteStubAsync("f", 5000);
        byte[] regular = Shard.Write("g", 5000);
        await using ComposedNode node = Compose();
        FileStatus before = node.Volume.GetStatus("f");

        Func<Task> reading = () => node.Volume.ReadAllAsync("f", access);

        StubFileException error = (await reading.Should().ThrowAsync<StubFileException>()).Which;
        (error.Path, error.Remedy).Should().Be((Path.Combine(node.Volume.Root, "f"), "Open it with StubAccess.Recall or ReadThrough, or recall it first"));
        FileStatus after = node.Volume.GetStatus("f");
        (after.State, after.Info.Changed).Should().Be((FileState.Released, before.Info.Changed), "nothing was changed");
        node.Store.Opens.Should().Be(0);
        (await node.Volume.ReadAllAsync("g", access)).Should().Equal(regular, "it is no stub");
    }

    [Test]
    public async Task A_tree_of_stubs_is_walked_and_opened_as_stubs_without_one_recall()
    {
        for (int i = 0; i < 10; i++)
            await WriteStubAsync($"d{i % 2}/f{i}", 1000 + i);
        await using ComposedNode node = Compose();

        FileStatus[] found = [.. node.Volume.EnumerateStatus("")];
        foreach (FileStatus status in found)
        {
            await using HsmFile file = await node.Volume.OpenFileAsync(status.Path, new HsmOpenOptions { StubAccess = StubAccess.StubOnly });
            (file.Length, file.GetStatus().IsStub).Should().Be((status.Size, true));
        }

        found.Should().HaveCount(10).And.OnlyContain(status => status.IsStub);
        node.Store.Opens.Should().Be(0);
    }

    [Test]
    public async Task ReadThrough_of_a_range_fetches_only_that_range_and_leaves_the_stub_a_stub()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();

        await using (HsmFile file = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { StubAccess = StubAccess.ReadThrough }))
        {
            byte[] piece = new byte[1000];
            (await file.ReadAsync(piece, 1_234_567)).Should().Be(1000);
            piece.Should().Equal(bytes[1_234_567..1_235_567]);
            file.Read(piece, 1_999_500).Should().Be(500);
            piece.AsSpan(0, 500).SequenceEqual(bytes.AsSpan(1_999_500)).Should().BeTrue();
            file.Read(piece, 2_000_000).Should().Be(0);
        }

        node.Store.Reads.Should().Equal((1_234_567, 1000), (1_999_500, 500));
        FileStatus status = node.Volume.GetStatus("f");
        (status.State, status.AllocatedBytes <= 4096).Should().Be((FileState.Released, true));
    }

    [Test]
    public async Task A_reader_without_write_permission_reads_through()
    {
        byte[] bytes = await WriteStubAsync("f", 200_000);
        NodeChild reader = await StartReaderWithoutPermissionAsync();

        (await reader.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));

        await using HsmVolume volume = await Shard.OpenAsync();
        volume.GetStatus("f").State.Should().Be(FileState.Released);
    }

    [Test]
    public async Task A_reader_without_permission_to_recall_that_may_not_read_through_is_told_which_permission_is_missing()
    {
        byte[] bytes = await WriteStubAsync("f", 200_000);
        NodeChild reader = await StartReaderWithoutPermissionAsync("read-through=no");
        await using HsmVolume volume = await Shard.OpenAsync();
        FileStatus before = volume.GetStatus("f");

        await RefusedAsync();
        File.SetUnixFileMode(Shard.PathOf("f"), (UnixFileMode)0b110_110_110);
        await RefusedAsync(); // it may write now, but not put the times back

        FileStatus after = volume.GetStatus("f");
        (after.State, after.Info.Modified, after.AllocatedBytes).Should().Be((FileState.Released, before.Info.Modified, before.AllocatedBytes));
        Syscall.chown(Shard.PathOf("f"), Nobody, Nobody).Should().Be(0);
        (await reader.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes), "it is the owner now");
        volume.GetStatus("f").State.Should().Be(FileState.Archived);

        async Task RefusedAsync()
        {
            Func<Task> reading = () => reader.AskAsync("read-all", "f");
            (await reading.Should().ThrowAsync<NodeChildException>()).Which.Message.Should()
                .StartWith("error HsmAccessDeniedException").And.Contain("/shard/f: ").And.Contain("must own it and have write permission");
        }
    }

    [Test]
    public async Task Who_may_write_a_stub_but_does_not_own_it_can_open_it_for_writing()
    {
        byte[] bytes = await WriteStubAsync("f", 200_000);
        NodeChild writer = await StartReaderWithoutPermissionAsync("read-through=no");
        File.SetUnixFileMode(Shard.PathOf("f"), (UnixFileMode)0b110_110_110);

        await writer.AskAsync("open", "h", "f", "rw");

        await using HsmVolume volume = await Shard.OpenAsync();
        volume.GetStatus("f").State.Should().Be(FileState.Archived, "its data is here and is what was archived, only its time is of today");
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    /// <summary>A node of a user who may read the shard's files and the store, and write neither.</summary>
    private async Task<NodeChild> StartReaderWithoutPermissionAsync(params string[] options)
    {
        RequireRoot("start a node of another user");
        Shard.AdmitOthers();
        return await StartNodeAsync([$"uid={Nobody}", .. options]);
    }
}
