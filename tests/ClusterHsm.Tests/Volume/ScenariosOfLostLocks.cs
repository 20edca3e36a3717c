using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A server drops a node's locks and tells it nothing, or goes away altogether. On a shard in memory: no local file system does that.</summary>
public sealed class ScenariosOfLostLocks
{
    private readonly byte[] _seen = new byte[50_000];
    private VolumeInMemory _cluster = null!;
    private byte[] _bytes = null!;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new VolumeInMemory();
        _bytes = await _cluster.ArchiveAsync();
    }

    [TearDown]
    public void TearDown() => _cluster.Dispose();

    [Test]
    public async Task R1_a_relaxed_node_that_hangs_and_has_lost_quiesce_serves_nothing_from_its_old_cache()
    {
        MemoryNode node = _cluster.AddNode("reader");
        await using HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name);
        file.Mode.Should().Be(LockMode.Relaxed);
        node.Shard.LoseLocks();

        (await _cluster.ReleaseAsync()).Released.Should().Be(1, "nothing stands in the way of quiesce");

        await IsRightAsync(file);
    }

    [Test]
    public async Task R3_a_node_whose_clock_all_but_stands_still_is_kept_safe_by_quiesce()
    {
        MemoryNode node = _cluster.AddNode("reader", clockRate: 0.001);
        await using HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name);

        Func<Task> releasing = () => _cluster.ReleaseAsync(options: LocalShard.AtOnce with { Handover = new HandoverOptions { QuiesceTimeout = _cluster.Lease * 3 } });

        await releasing.Should().ThrowAsync<HandoverTimeoutException>();
        _cluster.Migrator.Volume.GetStatus(VolumeInMemory.Name).IsStub.Should().BeFalse();
        (await _cluster.ReleaseAsync(node.Monitor.Poll)).Released.Should().Be(1);
        await IsRightAsync(file);
    }

    [Test]
    public async Task R11_a_strict_reader_whose_lock_was_lost_locks_and_looks_again()
    {
        MemoryNode node = _cluster.AddNode("reader", LockModePolicy.AlwaysStrict);
        await using HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name);
        await IsRightAsync(file);
        node.Shard.LoseLocks();

        (await _cluster.ReleaseAsync(node.Monitor.Poll)).Released.Should().Be(1, "the server knows of no lock");

        await IsRightAsync(file);
        node.Volume.Counters.RecalledBytes.Should().Be(50_000);
    }

    [Test]
    public async Task R11_a_writer_whose_lock_was_lost_loses_no_write()
    {
        MemoryNode node = _cluster.AddNode("writer");
        await using (HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name, new HsmOpenOptions { Access = FileAccess.ReadWrite }))
        {
            node.Shard.LoseLocks();
            (await _cluster.ReleaseAsync(node.Monitor.Poll)).Released.Should().Be(1);

            await file.WriteAsync("kept"u8.ToArray(), 49_996);
        }

        _bytes = [.. _bytes[..49_996], .. "kept"u8];
        await using HsmFile reader = await _cluster.AddNode("reader").Volume.OpenFileAsync(VolumeInMemory.Name);
        await IsRightAsync(reader);
    }

    [Test]
    public async Task R11_a_migrator_that_was_paused_in_its_session_begins_a_new_handover_before_it_releases_more()
    {
        await _cluster.ArchiveAsync("g");
        MemoryNode node = _cluster.AddNode("reader");
        HsmFile? file = null;
        HashSet<string> opened = [];
        // After the first file the migrator sleeps, its locks are dropped, and a node is relaxed again and caches the second.
        _cluster.Migrator.Shard.BeforeOperation = info =>
        {
            if (info is not { Operation: ShardOperation.Open, OpenOptions: ShardOpenOptions.ReadWrite, Path: VolumeInMemory.Name or "g" }
                || !opened.Add(info.Path) || opened.Count != 2)
                return;
            _cluster.Migrator.Shard.LoseLocks();
            _cluster.Advance(_cluster.Lease * 2);
            node.Monitor.Poll();
            file = node.Volume.OpenFile(info.Path);
            file.Mode.Should().Be(LockMode.Relaxed);
            node.Shard.LoseLocks(); // and so that nobody but the migrator's own clock can tell
        };

        MigrationSummary summary = await _cluster.ReleaseAsync(node.Monitor.Poll, LocalShard.AtOnce with { MostFilesInGroup = 1 }, VolumeInMemory.Name, "g");

        summary.Should().BeEquivalentTo(new { Released = 2L, Handovers = 2, Failed = 0L });
        await IsRightAsync(file!);
        await file!.DisposeAsync();
    }

    [Test]
    public async Task R9_a_file_system_gone_away_means_strict_with_the_reason_logged_once_and_an_error_and_all_is_well_when_it_is_back()
    {
        ConcurrentQueue<string> log = [];
        MemoryNode node = _cluster.AddNode("reader", logger: new LineLogger(log.Enqueue));
        HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name);
        await IsRightAsync(file);
        Fault gone = node.Shard.Faults.When(_ => true).Fail(ShardError.DeadHandle);

        for (int poll = 0; poll < 3; poll++)
        {
            node.Monitor.Poll();
            node.Monitor.State.Should().BeEquivalentTo(new { Mode = LockMode.Strict, Reason = ModeReason.LockFailed });
        }
        Func<Task> reading = () => file.ReadAsync(_seen, 0).AsTask();
        await reading.Should().ThrowAsync<HsmException>();
        await file.DisposeAsync();

        gone.Remove();
        node.Monitor.Poll();
        node.Monitor.State.Mode.Should().Be(LockMode.Relaxed);
        // The messages come in their order, on another thread.
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (log.Count(line => line.Contains("relaxed:")) < 2)
            await Task.Delay(5, patience.Token);
        log.Where(line => line.Contains("strict (")).Should().ContainSingle()
            .Which.Should().StartWith("Warning").And.Contain($"({ModeReason.LockFailed})");
        await using HsmFile again = await node.Volume.OpenFileAsync(VolumeInMemory.Name);
        await IsRightAsync(again);
    }

    [Test]
    public async Task A_node_whose_machine_was_suspended_serves_nothing_from_its_old_cache()
    {
        MemoryNode node = _cluster.AddNode("laptop");
        await using HsmFile file = await node.Volume.OpenFileAsync(VolumeInMemory.Name);
        // Suspended: no poll, no timer, and by the time it wakes its clock (R1: one that counts suspend) has gone on.
        MigrationOptions byLease = LocalShard.AtOnce with { Handover = new HandoverOptions { QuiesceTimeout = _cluster.Lease, ProceedOnLeaseAlone = true } };
        (await _cluster.ReleaseAsync(options: byLease)).Released.Should().Be(1);

        await IsRightAsync(file);
        node.Monitor.Poll();
        await IsRightAsync(file);
    }

    private async Task IsRightAsync(HsmFile file)
    {
        _seen.AsSpan().Clear();
        int read = await file.ReadAsync(_seen, 0);
        (read, _seen.AsSpan().SequenceEqual(_bytes)).Should().Be((50_000, true));
    }
}
