using System.Collections.Concurrent;
using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;
using ClusterHsm.Tests.Caching;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>When a node is relaxed, when it is strict, and what it says about why.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfModes : NodeScenarioFixture
{
    private readonly ConcurrentQueue<string> _log = [];

    [SetUp]
    public void EmptyLog() => _log.Clear();

    [Test]
    public async Task Signal_free_relaxed_held_strict_with_an_empty_cache_free_again_relaxed_with_a_cold_cache()
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using ComposedNode node = Stepped();
        await ReadTwiceAsync();
        (ulong inode, long epoch) = (node.Volume.GetStatus("f").Info.Identity.Inode, node.Cache.Epoch);
        node.Volume.Counters.Should().BeEquivalentTo(new { CacheMisses = 1L, CacheHits = 1L, StrictLooks = 0L });
        node.Cache.Contains(inode, epoch).Should().BeTrue();

        using (IShardFile migrator = node.Volume.Shard.Open(ControlFolder.SignalPath, ShardOpenOptions.ReadWrite))
        {
            migrator.TryLock(new LockRange(7, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
            node.Monitor.Poll();

            node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.SignalHeld });
            (node.Cache.Contains(inode, epoch), node.Cache.Contains(inode, node.Cache.Epoch)).Should().Be((false, false));
            await ReadTwiceAsync();
            node.Volume.Counters.Should().BeEquivalentTo(new { CacheMisses = 1L, CacheHits = 1L, StrictLooks = 2L });
            using IShardFile quiesce = node.Volume.Shard.Open(ControlFolder.QuiescePath, ShardOpenOptions.ReadWrite);
            quiesce.TryLock(new LockRange(7, 1), LockKind.Exclusive).IsGranted.Should().BeTrue("a strict node has given quiesce back (R3)");
        }

        node.Monitor.Poll();
        node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Relaxed, Reason = ModeReason.SignalFree });
        await ReadTwiceAsync();
        node.Volume.Counters.Should().BeEquivalentTo(new { CacheMisses = 2L, CacheHits = 2L, StrictLooks = 2L });

        async Task ReadTwiceAsync()
        {
            (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
            (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
        }
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public async Task R9_deleted_strict_with_the_reason_logged_once_and_relaxed_again_after_repair(string file)
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using ComposedNode node = Stepped();

        File.Delete(Shard.PathOf(file));

        await IsStrictAsync(node, ModeReason.SignalMissing, bytes);
        File.WriteAllBytes(Shard.PathOf(file), []);
        node.Monitor.Poll();
        // A migrator may be at work under the file that is gone.
        node.Monitor.State.Reason.Should().Be(ModeReason.SignalReplaced);
        await IsRelaxedAgainAsync(node, ModeReason.SignalMissing);
        (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public async Task R9_replaced_strict_with_the_reason_logged_once_until_a_migrator_on_the_old_one_must_have_noticed(string file)
    {
        byte[] bytes = Shard.Write("f", 1000);
        await using ComposedNode node = Stepped();
        File.WriteAllBytes(Shard.PathOf("new"), []);

        File.Move(Shard.PathOf("new"), Shard.PathOf(file), overwrite: true);

        await IsStrictAsync(node, ModeReason.SignalReplaced, bytes);
        await IsRelaxedAgainAsync(node, ModeReason.SignalReplaced);
        await using HsmVolume migrator = await Shard.OpenAsync();
        Task migrating = migrator.MakeStubAsync("f");
        await UntilAsync(() =>
        {
            node.Monitor.Poll();
            return migrating.IsCompleted;
        });
        await migrating; // all agree on the new file
        (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [TestCase(ControlFolder.SignalPath)]
    [TestCase(ControlFolder.QuiescePath)]
    public async Task R9_unreadable_strict_with_the_reason_logged_once_and_relaxed_after_repair(string file)
    {
        byte[] bytes = Shard.Write("f", 1000);
        Shard.AdmitOthers();
        File.SetUnixFileMode(Shard.PathOf(file), UnixFileMode.None);
        // Root may read every file; whoever else owns it may not either.
        NodeChild node = await StartNodeAsync(Environment.IsPrivilegedProcess ? ["uid=65534", "stepped"] : ["stepped"]);

        for (int i = 0; i < 3; i++)
            (await node.AskAsync("poll")).Should().Be($"{LockMode.Strict} {ModeReason.SignalUnreadable}");

        (await node.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
        File.SetUnixFileMode(Shard.PathOf(file), (UnixFileMode)0b110_100_100);
        // New permissions change what a replacement would change.
        (await node.AskAsync("poll")).Should().Be($"{LockMode.Strict} {ModeReason.SignalReplaced}");
        await UntilAsync(async () => await node.AskAsync("poll") == $"{LockMode.Relaxed} {ModeReason.SignalFree}");
        List<string> logged = [];
        while (!(await node.EventAsync("log") is var line && line.Contains("relaxed:")))
            logged.Add(line);
        logged.Where(line => line.Contains(nameof(ModeReason.SignalUnreadable))).Should().ContainSingle().Which.Should().Contain("Warning").And.Contain(file);
    }

    [Test]
    public void Clearing_costs_the_same_for_ten_entries_and_ten_million()
    {
        (Work(10), Work(10_000_000)).Should().Be((new Cost(1, 0, 0), new Cost(1, 0, 0)));

        static Cost Work(int entries)
        {
            InodeCache cache = new(entries);
            long epoch = cache.Epoch;
            for (ulong inode = 1; inode <= (ulong)entries; inode++)
                cache.TryAdd(inode, epoch);
            cache.Contains((ulong)entries, epoch).Should().BeTrue();
            byte[] lines = InodeCacheMemory.LinesOf(cache).ToArray();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long cleared = cache.Clear();
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            int written = InodeCacheMemory.CountWritten(cache, lines);
            cache.Contains((ulong)entries, cleared).Should().BeFalse();
            return new Cost(cleared - epoch, allocated, written);
        }
    }

    private ComposedNode Stepped()
    {
        ComposedNode node = new(Shard.Root, logger: new LineLogger(_log.Enqueue));
        node.Monitor.Poll();
        node.Monitor.State.Mode.Should().Be(LockMode.Relaxed);
        return node;
    }

    private async Task IsStrictAsync(ComposedNode node, ModeReason reason, byte[] bytes)
    {
        for (int i = 0; i < 3; i++)
        {
            node.Monitor.Poll();
            node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = reason });
            (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
        }
        node.Volume.Counters.StrictLooks.Should().Be(3);
    }

    /// <summary>Polls until it is relaxed, and looks whether the log named the reason once before that.</summary>
    private async Task IsRelaxedAgainAsync(ComposedNode node, ModeReason reason)
    {
        await UntilAsync(() =>
        {
            node.Monitor.Poll();
            return node.Monitor.State.Mode == LockMode.Relaxed;
        });
        // The messages come in their order, on another thread.
        await UntilAsync(() => _log.Count(line => line.Contains("relaxed:")) == 2);
        _log.Where(line => line.Contains($"({reason})")).Should().ContainSingle().Which.Should().StartWith("Warning");
    }

    private sealed record Cost(long Epochs, long AllocatedBytes, int WrittenLines);
}
