using ClusterHsm.Coordination;
using ClusterHsm.NodeProcess;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A release in the very moment in which a relaxed reader could take the hole for data. Hooks win the race for it each time.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRaces : NodeScenarioFixture
{
    private byte[] _bytes = null!;

    [SetUp]
    public void WriteFile() => _bytes = Shard.Write("f", 1_000_000);

    /// <remarks>Half way: the first half of the buffer has the data, and the second gets the hole.</remarks>
    [Test]
    public async Task R6_a_reader_in_the_middle_of_a_read_when_the_file_is_released_gets_the_right_bytes([Values] bool halfOfItIsRead)
    {
        await using ComposedNode node = Relaxed();
        await using HsmVolume migrator = await ArchivedAsync();
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        file.Mode.Should().Be(LockMode.Relaxed);
        int sessions = 0;
        Action<string, long> release = (_, _) =>
        {
            if (sessions++ == 0)
                ReleaseWhile(migrator, node);
        };
        if (halfOfItIsRead)
            node.Shard.HalfWayRead = release;
        else
            node.Shard.BeforeRead = release;

        byte[] seen = new byte[1_000_000];
        int read = file.Read(seen, 0);

        (read, seen.AsSpan().SequenceEqual(_bytes)).Should().Be((1_000_000, true));
        (sessions, node.Volume.Counters.Recalls).Should().Be((2, 1L), "it was read again, from what was recalled");
    }

    /// <summary>The lock alone says nothing: only the look under it says whether the data is here.</summary>
    [Test]
    public async Task Another_thread_that_reads_the_same_file_between_the_lock_and_the_look_gets_the_right_bytes(
        [Values(StubAccess.Recall, StubAccess.ReadThrough)] StubAccess access)
    {
        await using ComposedNode node = Relaxed();
        await using HsmVolume migrator = await ArchivedAsync();
        await using HsmFile file = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { StubAccess = access });
        ReleaseWhile(migrator, node);
        Task<byte[]>? other = null;
        node.Shard.AfterLook = _ =>
        {
            if (other is not null)
                return;
            other = Task.Run(() => ReadAsync(file));
            other.Wait(300); // long enough for a read that waits for nobody
        };

        byte[] seen = await ReadAsync(file);

        seen.AsSpan().SequenceEqual(_bytes).Should().BeTrue();
        (await other!).AsSpan().SequenceEqual(_bytes).Should().BeTrue("it waits for the look");

        static async Task<byte[]> ReadAsync(HsmFile file)
        {
            byte[] bytes = new byte[1_000_000];
            return bytes[..await file.ReadAsync(bytes, 0)];
        }
    }

    [Test]
    public async Task R5_an_insert_that_comes_after_the_clear_counts_for_nothing()
    {
        await using ComposedNode node = Relaxed();
        await using HsmVolume migrator = await ArchivedAsync();
        int sessions = 0;
        node.Shard.AfterLook = _ =>
        {
            // The look has said "regular", and the inode is not in the cache yet.
            if (sessions++ == 0)
                ReleaseWhile(migrator, node);
        };

        await using (HsmFile file = await node.Volume.OpenFileAsync("f"))
        {
            byte[] seen = new byte[1_000_000];
            file.Read(seen, 0);
            seen.AsSpan().SequenceEqual(_bytes).Should().BeTrue();
        }

        sessions.Should().BeGreaterThan(1);
    }

    [Test]
    public async Task R5_nor_is_it_found_by_whoever_opens_the_file_next()
    {
        await using ComposedNode node = Relaxed();
        await using HsmVolume migrator = await ArchivedAsync();
        int sessions = 0;
        node.Shard.AfterLook = _ =>
        {
            if (sessions++ == 0)
                ReleaseWhile(migrator, node);
        };
        await using HsmFile late = await node.Volume.OpenFileAsync("f");

        (await node.Volume.ReadAllAsync("f")).Should().Equal(_bytes);

        node.Volume.Counters.CacheHits.Should().Be(0);
    }

    private ComposedNode Relaxed()
    {
        ComposedNode node = new(Shard.Root);
        node.Monitor.Poll();
        return node;
    }

    private async Task<HsmVolume> ArchivedAsync()
    {
        HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        return migrator;
    }

    /// <summary>A whole session: the node sees the signal held, leaves, and is relaxed again when this returns.</summary>
    private static void ReleaseWhile(HsmVolume migrator, ComposedNode node)
    {
        Task releasing = Task.Run(() => migrator.MakeStubAsync("f"));
        while (!releasing.Wait(TimeSpan.FromMilliseconds(5)))
            node.Monitor.Poll();
        node.Monitor.Poll();
        node.Monitor.State.Mode.Should().Be(LockMode.Relaxed);
    }
}
