using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary><see cref="HsmFile.AsStream"/>: a position of its own over a file's bytes.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class HsmFileStreamTests : NodeScenarioFixture
{
    private static readonly HsmOpenOptions s_readWrite = new() { Access = FileAccess.ReadWrite };

    [Test]
    public async Task A_stream_that_is_closed_reads_and_writes_no_more_and_leaves_the_file_open()
    {
        Shard.Write("f", 100);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f", s_readWrite);
        Stream stream = file.AsStream();
        await stream.DisposeAsync();

        (stream.CanRead, stream.CanSeek, stream.CanWrite).Should().Be((false, false, false));
        stream.Invoking(closed => closed.ReadByte()).Should().Throw<ObjectDisposedException>();
        await stream.Invoking(closed => closed.ReadAsync(new byte[1]).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        stream.Invoking(closed => closed.WriteByte(1)).Should().Throw<ObjectDisposedException>();
        stream.Invoking(closed => closed.SetLength(1)).Should().Throw<ObjectDisposedException>();
        stream.Invoking(closed => closed.Length).Should().Throw<ObjectDisposedException>();
        file.Read(new byte[100], 0).Should().Be(100);
    }

    [Test]
    public async Task There_is_no_stream_of_a_closed_file()
    {
        Shard.Write("f", 100);
        await using HsmVolume volume = await Shard.OpenAsync();
        HsmFile file = await volume.OpenFileAsync("f");
        await file.DisposeAsync();

        file.Invoking(closed => closed.AsStream()).Should().Throw<ObjectDisposedException>();
    }

    [Test]
    public async Task A_file_that_was_opened_for_writing_is_not_read()
    {
        Shard.Write("f", 100);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.Write });

        file.CanRead.Should().BeFalse();
        file.Invoking(one => one.Read(new byte[1], 0)).Should().Throw<HsmAccessDeniedException>().WithMessage("*opened for writing*read access*");
        await file.Invoking(one => one.ReadAsync(new byte[1], 0).AsTask()).Should().ThrowAsync<HsmAccessDeniedException>();
        file.Write([1], 0);
    }

    [Test]
    public async Task Position_follows_reads_and_seeks_from_the_beginning_the_end_and_itself()
    {
        byte[] bytes = Shard.Write("f", 10_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f");
        using Stream stream = file.AsStream();
        byte[] piece = new byte[100];

        (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.Length, stream.Position).Should().Be((true, true, false, 10_000L, 0L));
        stream.ReadExactly(piece);
        piece.Should().Equal(bytes[..100]);
        stream.Seek(1000, SeekOrigin.Current).Should().Be(1100);
        stream.Read(piece, 50, 50).Should().Be(50);
        piece[50..].Should().Equal(bytes[1100..1150]);
        stream.Seek(-50, SeekOrigin.End).Should().Be(9950);
        (await stream.ReadAsync(piece)).Should().Be(50, "that is all up to the end");
        piece[..50].Should().Equal(bytes[9950..]);
        stream.Position.Should().Be(10_000);
        (await stream.ReadAsync(piece)).Should().Be(0);
        stream.Seek(7, SeekOrigin.Begin).Should().Be(7);
        stream.ReadByte().Should().Be(bytes[7]);
        stream.Position = 20_000;
        stream.Read(piece).Should().Be(0, "it is beyond the end");
        stream.Position.Should().Be(20_000);
    }

    [Test]
    public async Task A_position_before_the_beginning_is_refused_and_changes_nothing()
    {
        Shard.Write("f", 100);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f");
        using Stream stream = file.AsStream();
        stream.Position = 10;

        stream.Invoking(s => s.Seek(-11, SeekOrigin.Current)).Should().Throw<IOException>();
        stream.Invoking(s => s.Seek(-101, SeekOrigin.End)).Should().Throw<IOException>();
        stream.Invoking(s => s.Position = -1).Should().Throw<ArgumentOutOfRangeException>();
        stream.Invoking(s => s.Seek(0, (SeekOrigin)3)).Should().Throw<ArgumentOutOfRangeException>();

        stream.Position.Should().Be(10);
    }

    [Test]
    public async Task Writes_go_to_the_position_and_move_it_and_grow_the_file_and_its_length_can_be_set()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using (HsmFile file = await volume.OpenFileAsync("f", s_readWrite))
        await using (Stream stream = file.AsStream())
        {
            stream.CanWrite.Should().BeTrue();
            stream.Position = 500;
            stream.Write("one"u8);
            await stream.WriteAsync("two"u8.ToArray());
            stream.Write("-three-"u8.ToArray(), 1, 5);
            stream.Position.Should().Be(511);
            stream.Seek(0, SeekOrigin.End);
            await stream.WriteAsync("-end-"u8.ToArray(), 1, 3);
            (stream.Position, stream.Length, file.Length).Should().Be((1003L, 1003L, 1003L));
            stream.SetLength(1002);
            stream.Length.Should().Be(1002);
            await stream.FlushAsync();
        }

        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal([.. bytes[..500], .. "onetwothree"u8, .. bytes[511..], .. "en"u8]);
    }

    [Test]
    public async Task Writing_by_the_stream_of_a_file_that_was_opened_to_read_is_refused_and_changes_neither_file_nor_position()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f");
        await using Stream stream = file.AsStream();

        stream.Invoking(s => s.Write("no"u8)).Should().Throw<HsmAccessDeniedException>();
        stream.Invoking(s => s.SetLength(0)).Should().Throw<HsmAccessDeniedException>();

        stream.Position.Should().Be(0);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Closing_a_stream_leaves_the_file_open_and_two_streams_have_positions_of_their_own()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using HsmFile file = await volume.OpenFileAsync("f");
        await using Stream other = file.AsStream();
        await using (Stream stream = file.AsStream())
            stream.ReadExactly(new byte[600]);

        other.Position.Should().Be(0);
        byte[] all = new byte[1000];
        await other.ReadExactlyAsync(all);
        all.Should().Equal(bytes);
    }

    [TestCase(StubAccess.StubOnly)]
    [TestCase(StubAccess.ReadThrough)]
    public async Task On_a_stub_length_and_seeks_are_those_of_its_data_and_recall_nothing(StubAccess access)
    {
        byte[] bytes = await WriteStubAsync("f", 10_000);
        await using ComposedNode node = Compose();
        await using HsmFile file = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { StubAccess = access });
        using Stream stream = file.AsStream();

        stream.Length.Should().Be(10_000);
        stream.Seek(-100, SeekOrigin.End).Should().Be(9900);
        node.Store.Reads.Should().BeEmpty();
        if (access == StubAccess.ReadThrough)
        {
            byte[] end = new byte[100];
            await stream.ReadExactlyAsync(end);
            end.Should().Equal(bytes[9900..]);
            stream.Position.Should().Be(10_000);
        }

        node.Volume.GetStatus("f").State.Should().Be(FileState.Released);
    }

    [Test]
    public async Task A_stub_that_was_opened_to_be_written_is_read_and_written_by_a_stream_and_loses_nothing()
    {
        byte[] bytes = await WriteStubAsync("f", 10_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await using (HsmFile file = await volume.OpenFileAsync("f", s_readWrite))
        await using (Stream stream = file.AsStream())
        {
            stream.Length.Should().Be(10_000);
            byte[] piece = new byte[100];
            await stream.ReadExactlyAsync(piece);
            piece.Should().Equal(bytes[..100]);
            await stream.WriteAsync("kept"u8.ToArray());
        }

        (await volume.ReadAllAsync("f")).Should().Equal([.. bytes[..100], .. "kept"u8, .. bytes[104..]]);
    }
}
