using System.Collections.Concurrent;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Large files from front to back: what the kernel is told, what overlaps, and how often an object is opened.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class StreamingTests : NodeScenarioFixture
{
    private static readonly HsmOpenOptions s_readThrough = new() { StubAccess = StubAccess.ReadThrough };

    [Test]
    public async Task Reads_through_a_stub_open_its_object_once_and_close_it_with_the_file()
    {
        byte[] bytes = await WriteStubAsync("f", 100_000);
        await using ComposedNode node = Compose();

        await using (HsmFile file = await node.Volume.OpenFileAsync("f", s_readThrough))
        {
            byte[] piece = new byte[1000];
            for (int i = 0; i < 100; i++)
            {
                (i % 2 == 0 ? file.Read(piece, i * 1000) : await file.ReadAsync(piece, i * 1000)).Should().Be(1000);
                piece.Should().Equal(bytes[(i * 1000)..((i + 1) * 1000)]);
            }
            (node.Store.Opens, node.Store.Closes).Should().Be((1, 0));
        }

        (node.Store.Opens, node.Store.Closes).Should().Be((1, 1));
        node.Volume.Counters.ReadThroughs.Should().Be(100);
    }

    [Test]
    public async Task Reads_through_a_stub_by_many_at_once_share_one_object()
    {
        byte[] bytes = await WriteStubAsync("f", 100_000);
        await using ComposedNode node = Compose();

        using (HsmFile file = await node.Volume.OpenFileAsync("f", s_readThrough))
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
            {
                byte[] piece = new byte[2000];
                (await file.ReadAsync(piece, i * 2000)).Should().Be(2000);
                piece.Should().Equal(bytes[(i * 2000)..((i + 1) * 2000)]);
            })));
        }

        (node.Store.Opens, node.Store.Closes).Should().Be((1, 1));
    }

    [Test]
    public async Task An_object_is_let_go_of_when_the_data_is_back_and_another_is_opened_when_the_file_has_another()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using ComposedNode node = Compose();
        await using HsmFile file = await node.Volume.OpenFileAsync("f", s_readThrough);
        (await ReadAsync()).Should().Equal(bytes);

        await using (HsmVolume other = await Shard.OpenAsync())
            (await other.RecallAsync(["f"], LocalShard.AtOnce)).Recalled.Should().Be(1);
        (await ReadAsync()).Should().Equal(bytes);
        (node.Store.Opens, node.Store.Closes).Should().Be((1, 1));

        byte[] newer = Shard.Write("f", 40_000);
        await using (HsmVolume other = await Shard.OpenAsync())
            await other.MakeStubAsync("f");
        (await ReadAsync()).Should().Equal(newer);
        (node.Store.Opens, node.Store.Closes).Should().Be((2, 1));

        async Task<byte[]> ReadAsync()
        {
            byte[] all = new byte[60_000];
            return all[..await file.ReadAsync(all, 0)];
        }
    }

    [Test]
    public async Task An_object_whose_reader_has_failed_is_opened_anew_by_the_next_read()
    {
        byte[] bytes = await WriteStubAsync("f", 5000);
        await using ComposedNode node = Compose();
        await using HsmFile file = await node.Volume.OpenFileAsync("f", s_readThrough);
        node.Store.BeforeRead = (_, _) => throw new StoreUnavailableException("s", "its connection is gone", "Try again");
        byte[] piece = new byte[5000];
        Func<Task> reading = async () => await file.ReadAsync(piece, 0);
        await reading.Should().ThrowAsync<StoreUnavailableException>();

        node.Store.BeforeRead = null;
        (await file.ReadAsync(piece, 0)).Should().Be(5000);

        piece.Should().Equal(bytes);
        (node.Store.Opens, node.Store.Closes).Should().Be((2, 1));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100_000)]
    [TestCase(3_000_001)]
    public async Task A_copy_of_a_stream_has_all_bytes_from_its_position_on(int length)
    {
        byte[] bytes = Shard.Write("f", length);
        await using ComposedNode node = Compose();
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        Stream stream = file.AsStream();
        using MemoryStream all = new(), rest = new();

        await stream.CopyToAsync(all);
        stream.Position.Should().Be(length);
        stream.Position = length / 3;
        await stream.CopyToAsync(rest, bufferSize: 10);

        all.ToArray().Should().Equal(bytes);
        rest.ToArray().Should().Equal(bytes[(length / 3)..]);
    }

    [Test]
    public async Task A_copy_reads_the_next_piece_while_the_one_before_it_is_written()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        TaskCompletionSource secondRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Store.BeforeRead = (offset, _) =>
        {
            if (offset > 0)
                secondRead.TrySetResult();
            return Task.CompletedTask;
        };
        await using HsmFile file = await node.Volume.OpenFileAsync("f", s_readThrough);
        using SlowStream destination = new(secondRead.Task.WaitAsync(NodeChild.Patience));

        await file.AsStream().CopyToAsync(destination);

        destination.ToArray().Should().Equal(bytes);
        destination.MostAtOnce.Should().Be(1, "writes keep their order");
    }

    [Test]
    public async Task A_copy_whose_destination_fails_says_so_and_leaves_the_file_readable()
    {
        byte[] bytes = Shard.Write("f", 2_000_000);
        await using ComposedNode node = Compose();
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        using SlowStream full = new(Task.FromException(new IOException("no space")));

        Func<Task> copying = () => file.AsStream().CopyToAsync(full);

        (await copying.Should().ThrowAsync<IOException>()).WithMessage("no space");
        byte[] again = new byte[2_000_000];
        file.Read(again, 0).Should().Be(again.Length);
        again.Should().Equal(bytes);
    }

    [Test]
    public async Task The_kernel_is_told_once_of_a_stream_that_is_read_in_order_and_never_of_one_that_is_not()
    {
        Shard.Write("f", 3_000_000);
        await using ComposedNode node = Compose();
        ConcurrentQueue<FileAdvice> advice = [];
        node.Shard.Advising = (_, one) => advice.Enqueue(one);
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        byte[] piece = new byte[100_000];

        Stream here = file.AsStream();
        for (int i = 0; i < 60; i++)
        {
            here.Position = (i * 7 % 29) * 100_000L;
            await here.ReadExactlyAsync(piece);
        }
        advice.Should().BeEmpty();

        Stream inOrder = file.AsStream();
        for (int i = 0; i < 30; i++)
            inOrder.ReadExactly(piece);
        advice.Should().Equal(FileAdvice.Sequential);

        await file.AsStream().CopyToAsync(Stream.Null);
        advice.Should().Equal(FileAdvice.Sequential, FileAdvice.Sequential);
    }

    [Test]
    public async Task Who_opens_a_file_to_scan_it_has_the_kernel_told()
    {
        Shard.Write("f", 100);
        await using ComposedNode node = Compose();
        ConcurrentQueue<FileAdvice> advice = [];
        node.Shard.Advising = (_, one) => advice.Enqueue(one);

        await using (HsmFile plain = await node.Volume.OpenFileAsync("f"))
            advice.Should().BeEmpty();
        await using (HsmFile scanned = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { SequentialScan = true }))
            advice.Should().Equal(FileAdvice.Sequential);
    }

    /// <summary>Writes after something else has happened.</summary>
    private sealed class SlowStream(Task before) : MemoryStream
    {
        private int _now;

        public int MostAtOnce { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            await before;
            Write(buffer.Span);
            Interlocked.Decrement(ref _now);
        }
    }
}
