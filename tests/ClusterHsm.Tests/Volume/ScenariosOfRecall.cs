using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>How a stub gets its data back, or is left alone, as the caller wants.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRecall : NodeScenarioFixture
{
    [Test]
    public async Task By_command()
    {
        byte[] bytes = await WriteStubAsync("f", 100_000);
        await using HsmVolume volume = await Shard.OpenAsync();

        (await volume.RecallAsync(["f"])).Should().BeEquivalentTo(new { Recalled = 1L, BytesRecalled = 100_000L, Failed = 0L });

        volume.GetStatus("f").State.Should().Be(FileState.Archived);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes, "the data is on the shard for every program");
    }

    [Test]
    public async Task By_opening()
    {
        byte[] bytes = await WriteStubAsync("f", 100_000);
        await using HsmVolume volume = await Shard.OpenAsync();

        await using (HsmFile file = await volume.OpenFileAsync("f"))
            file.Length.Should().Be(100_000);

        volume.GetStatus("f").State.Should().Be(FileState.Archived);
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task From_another_node()
    {
        byte[] bytes = await WriteStubAsync("f", 100_000);
        NodeChild other = await StartNodeAsync();

        (await other.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));

        (await other.AskAsync("recalled-bytes")).Should().Be("100000");
        await using ComposedNode here = Compose();
        (await here.Volume.ReadAllAsync("f")).Should().Equal(bytes);
        here.Store.Opens.Should().Be(0, "the other node has brought it back");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Of_a_file_that_is_not_a_stub_nothing_happens(bool archived)
    {
        Shard.Write("f", 5000);
        await using ComposedNode node = Compose();
        if (archived)
            await node.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        FileStatus before = node.Volume.GetStatus("f");

        MigrationSummary summary = await node.Volume.RecallAsync(["f"]);

        summary.Should().BeEquivalentTo(new { Recalled = 0L, Skipped = 1L, Failed = 0L });
        FileStatus after = node.Volume.GetStatus("f");
        (after.State, after.Info.Changed, after.Record).Should().Be((before.State, before.Info.Changed, before.Record));
        node.Store.Reads.Should().BeEmpty();
    }

    [Test]
    public async Task Eight_processes_that_open_one_stub_at_once_get_one_transfer_and_eight_right_answers()
    {
        byte[] bytes = await WriteStubAsync("f", 3_000_000);
        NodeChild[] nodes = await StartNodesAsync(8);

        string[] answers = await Task.WhenAll(nodes.Select(node => node.AskAsync("read-all", "f")));

        answers.Should().AllBe(NodeChild.Read(bytes));
        string[] transferred = await Task.WhenAll(nodes.Select(node => node.AskAsync("recalled-bytes")));
        transferred.Sum(long.Parse).Should().Be(3_000_000);
    }

    [Test]
    public async Task Eight_readers_in_one_process_share_one_transfer()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store);

        Task<byte[]>[] readers = [.. Enumerable.Range(0, 8).Select(_ => node.Volume.ReadAllAsync("f"))];
        await gate.Reached;
        gate.Open();

        (await Task.WhenAll(readers)).Should().AllSatisfy(answer => answer.AsSpan().SequenceEqual(bytes).Should().BeTrue());
        node.Store.Opens.Should().Be(1);
        node.Store.BytesRead.Should().Be(2_000_000);
    }

    [Test]
    public async Task A_reader_that_is_cancelled_while_it_waits_disturbs_no_one()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store, from: 1);
        using CancellationTokenSource impatience = new();
        Task<HsmFile> impatient = node.Volume.OpenFileAsync("f", default, impatience.Token).AsTask();
        await gate.Reached;
        Task<byte[]> patient = node.Volume.ReadAllAsync("f");

        await impatience.CancelAsync();

        Func<Task> waiting = () => impatient;
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        gate.Open();
        (await patient).Should().Equal(bytes);
    }

    [Test]
    public async Task When_the_last_reader_is_cancelled_the_transfer_ends_and_the_stub_is_as_it_was()
    {
        byte[] bytes = await WriteStubAsync("f", 2_500_000);
        await using ComposedNode node = Compose();
        FileStatus before = node.Volume.GetStatus("f");
        Gate gate = new(node.Store, from: 2_000_000);
        using CancellationTokenSource impatience = new();
        Task<HsmFile> reader = node.Volume.OpenFileAsync("f", default, impatience.Token).AsTask();
        await gate.Reached;

        await impatience.CancelAsync();

        Func<Task> waiting = () => reader;
        await waiting.Should().ThrowAsync<OperationCanceledException>();
        await UntilAsync(() => node.Volume.GetStatus("f").State == FileState.Released);
        gate.Open();
        (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes, "whoever comes next waits until the file is put back");
        node.Volume.GetStatus("f").Info.Modified.Should().Be(before.Info.Modified);
    }

    [Test]
    public async Task A_node_that_is_killed_while_it_waits_for_another_nodes_recall_disturbs_no_one()
    {
        byte[] bytes = await WriteStubAsync("f", 2_000_000);
        await using ComposedNode node = Compose();
        NodeChild waiting = await StartNodeAsync(), alsoWaiting = await StartNodeAsync();
        Gate gate = new(node.Store, from: 1);
        Task<byte[]> recalling = node.Volume.ReadAllAsync("f");
        await gate.Reached;
        waiting.Send("read-all", "f");
        alsoWaiting.Send("read-all", "f");
        await waiting.EventAsync("denied");
        await alsoWaiting.EventAsync("denied");

        await waiting.KillAsync();
        gate.Open();

        (await recalling).Should().Equal(bytes);
        (await alsoWaiting.AnswerAsync()).Should().Be(NodeChild.Read(bytes));
        node.Store.Opens.Should().Be(1);
    }

    [Test]
    public async Task When_the_recalling_node_is_killed_half_way_the_next_open_recalls_again()
    {
        byte[] bytes = await WriteStubAsync("f", 3_000_000);
        SetModified("f");
        await using HsmVolume volume = await Shard.OpenAsync();
        ShardFileInfo before = volume.GetStatus("f").Info;
        NodeChild recalling = await StartNodeAsync("store-stops-at=2000000");
        recalling.Send("read-all", "f");
        await recalling.EventAsync("store");

        await recalling.KillAsync();

        FileStatus cutOff = volume.GetStatus("f");
        (cutOff.State, cutOff.Size).Should().Be((FileState.Recalling, 3_000_000L));
        cutOff.AllocatedBytes.Should().BeGreaterThan(900_000, "half of it had come");
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
        FileStatus after = volume.GetStatus("f");
        (after.State, after.Size, after.Info.Identity, after.Info.Modified)
            .Should().Be((FileState.Archived, 3_000_000L, before.Identity, before.Modified));
    }

    [Test]
    public async Task A_recall_and_a_release_that_were_cut_off_start_over()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        StubRecord record = volume.GetStatus("f").Record!;

        // Cut off in the middle of a recall: part of the data, and garbage after it.
        using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
        {
            FileRecord.Write(file, record with { State = FileState.Recalling }, RecordSeal.None);
            file.Write(bytes.AsSpan(0, 20_000), 0);
            file.Write("torn"u8, 20_000);
        }
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);

        // Cut off between the mark and the hole: all of the data.
        using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
            FileRecord.Write(file, volume.GetStatus("f").Record! with { State = FileState.Released, ReleaseCount = 2 }, RecordSeal.None);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Size_and_times_are_right_on_every_node_at_each_step_and_after([Values] bool isPutBack)
    {
        await WriteStubAsync("f", 2_000_000);
        SetModified("f");
        await using ComposedNode node = Compose();
        NodeChild other = await StartNodeAsync();
        FileStatus before = node.Volume.GetStatus("f");
        before.Info.Modified.ToDateTimeOffset().Year.Should().Be(2019);
        string Expected(FileState state) => $"{state} {before.Size} {before.Info.Modified}";
        (await other.AskAsync("status", "f")).Should().Be(Expected(FileState.Released));
        List<string> seen = [];
        bool wasForeign = false;
        node.Shard.Changing = (_, path) =>
        {
            if (path != "f")
                return;
            // The time is put back after each write, and a plain stat can see the instant between.
            wasForeign |= node.Volume.Shard.GetInfo("f")!.Value.Modified != before.Info.Modified;
            seen.Add(Words(node.Volume.GetStatus("f")));
            seen.Add(Words(node.Volume.EnumerateStatus("").Single()));
            seen.Add(Task.Run(() => other.AskAsync("status", "f")).GetAwaiter().GetResult());
        };
        if (isPutBack)
            Damage(Shard.Objects().Single());

        FileState end = (await node.Volume.RecallAsync(["f"])).Recalled == 1 ? FileState.Archived : FileState.Released;

        end.Should().Be(isPutBack ? FileState.Released : FileState.Archived);
        wasForeign.Should().BeTrue();
        seen.Distinct().Should().BeEquivalentTo(((FileState[])[FileState.Released, FileState.Recalling, end]).Distinct().Select(Expected));
        (await other.AskAsync("status", "f")).Should().Be(Expected(end));
        FileStatus after = node.Volume.GetStatus("f");
        (after.Size, after.Info.Modified, after.Info.Mode).Should().Be((before.Size, before.Info.Modified, before.Info.Mode));

        static string Words(FileStatus status) => $"{status.State} {status.Size} {status.Info.Modified}";

        static void Damage(string path)
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.Delete(path); // it may be a link, and read-only
            File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>A program may date a stub anew; what it says then is what has to be kept.</summary>
    private void SetModified(string name) =>
        File.SetLastWriteTimeUtc(Shard.PathOf(name), new DateTime(2019, 4, 5, 6, 7, 8, DateTimeKind.Utc));
}
