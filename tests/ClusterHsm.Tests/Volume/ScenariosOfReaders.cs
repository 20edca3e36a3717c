using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>What those see who read a file before, while and after it is released.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfReaders : NodeScenarioFixture
{
    private const int Releases = 3;

    /// <summary>Marked, with all of its data; and a hole, before the release has ended.</summary>
    public enum Instant
    {
        Punching,
        Punched,
    }

    /// <remarks>A read begins at that instant and is denied the file's lock; only then does the release go on.</remarks>
    [Test]
    public async Task A_reader_that_is_open_in_relaxed_mode_sees_the_right_bytes_before_during_and_after_each_release([Values] Instant instant)
    {
        byte[] bytes = Shard.Write("f", 1_000_000);
        await using HookedVolume migrator = new(Shard);
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using ComposedNode node = Compose();
        await node.Monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(NodeChild.Patience);
        using SemaphoreSlim denied = new(0);
        node.Shard.AfterDenial = path =>
        {
            if (path == "f")
                denied.Release();
        };
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        await using EagerReader reader = new(node, file, bytes);
        At(migrator, instant, () =>
        {
            reader.GoOn();
            if (!denied.Wait(NodeChild.Patience))
                throw new TimeoutException("A read during the release was not denied the file's lock.");
        });

        for (int release = 1; release <= Releases; release++)
        {
            await reader.PauseAsync();
            while (denied.Wait(0))
            {
                // What was denied while it was released before.
            }
            await migrator.Volume.ReleaseOnceAsync("f", reader.LetGoAsync);
            long during = reader.Reads;
            await UntilAsync(() => reader.Reads > during + (bytes.Length / 4096)); // once through the file
            node.Volume.Counters.Recalls.Should().Be(release);
        }

        (await reader.EndAsync()).Should().Be(0);
    }

    [Test]
    public async Task A_reader_in_another_process_that_has_it_open_in_relaxed_mode_sees_the_right_bytes_before_and_after_a_release()
    {
        string right = NodeChild.Read(Shard.Write("f", 1_000_000));
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync("poll=20");
        await OpenRelaxedAsync(node, "f", "f");
        (await node.AskAsync("digest", "f")).Should().Be(right, "before");

        await volume.ReleaseOnceAsync("f", () => LetGoAsync(node));

        volume.GetStatus("f").State.Should().Be(FileState.Released);
        (await node.AskAsync("digest", "f")).Should().Be(right, "after");
        volume.GetStatus("f").State.Should().Be(FileState.Archived);
    }

    [Test]
    public async Task A_reader_in_another_process_that_reads_during_the_release_waits_for_its_end_and_sees_the_right_bytes([Values] Instant instant)
    {
        string right = NodeChild.Read(Shard.Write("f", 1_000_000));
        await using HookedVolume migrator = new(Shard);
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync("poll=20");
        await OpenRelaxedAsync(node, "f", "f");
        (await node.AskAsync("digest", "f")).Should().Be(right, "before");
        bool isAsked = false;
        At(migrator, instant, () => Task.Run(async () =>
        {
            isAsked = true;
            node.Send("digest", "f");
            while (await node.EventAsync("denied") != "denied f")
            {
                // The signal.
            }
        }).WaitAsync(NodeChild.Patience).GetAwaiter().GetResult());

        await migrator.Volume.ReleaseOnceAsync("f", () => LetGoAsync(node));

        isAsked.Should().BeTrue();
        (await node.AnswerAsync()).Should().Be(right, "during");
        (await node.AskAsync("digest", "f")).Should().Be(right, "after");
        migrator.Volume.GetStatus("f").State.Should().Be(FileState.Archived);
    }

    /// <remarks>It closes the file after each read: a migrator takes no file that a strict reader has open. So each try may come to nothing.</remarks>
    [Test]
    public async Task A_reader_in_another_process_that_opens_it_over_and_over_sees_the_right_bytes_through_many_releases()
    {
        string right = NodeChild.Read(Shard.Write("f", 10_000));
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync("poll=20");
        await node.AskAsync("await", LockMode.Relaxed);
        (await node.AskAsync("watch", "f")).Should().Be(right);

        using CancellationTokenSource patience = new(NodeChild.Patience);
        long released = 0;
        while (released < Releases)
        {
            MigrationSummary summary = await volume.ReleaseAsync(["f"], LocalShard.AtOnce, patience.Token);
            summary.Failed.Should().Be(0);
            released += summary.Released;
        }
        await UntilAsync(() => volume.GetStatus("f").State == FileState.Archived); // it has read it since

        (await node.AskAsync("unwatch")).Should().MatchRegex(@"^\(0, [1-9]\d*\)$", "none was wrong, of some");
    }

    private static void At(HookedVolume migrator, Instant instant, Action act)
    {
        if (instant == Instant.Punching)
            migrator.Shard.Punching = _ => act();
        else
            migrator.Shard.Punched = _ => act();
    }

    /// <summary>Has a node that has become strict for a moment give the file's lock back.</summary>
    private static async Task LetGoAsync(NodeChild node)
    {
        await node.AskAsync("await", LockMode.Relaxed);
        await node.AskAsync("digest", "f");
    }
}
