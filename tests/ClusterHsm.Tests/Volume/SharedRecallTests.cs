using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Several who want the same stubs at the same time.</summary>
[CancelAfter(120_000)]
public sealed class SharedRecallTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e"];

    /// <summary>The first transfer of a list does not go on: whoever wants another of its files gets it, on this node and elsewhere.</summary>
    [Test]
    public async Task A_reader_does_not_wait_for_the_files_of_a_list_whose_turn_has_not_come([Values] bool onAnotherNode, CancellationToken cancellationToken)
    {
        using VolumeInMemory cluster = new();
        byte[] bytes = [];
        foreach (string name in s_names)
            bytes = await cluster.ArchiveAsync(name, size: 2 << 20);
        await cluster.ReleaseAsync(names: s_names);
        MemoryNode lister = cluster.AddNode("lister");
        MemoryNode reader = onAnotherNode ? cluster.AddNode("reader") : lister;
        TaskCompletionSource goOn = new();
        StoreFault stuck = cluster.Store.Faults.On(StoreOperation.Open).Once().WaitFor(goOn.Task);
        Task<MigrationSummary> list = lister.Volume.RecallAsync(s_names, new MigrationOptions { Jobs = 1 }, cancellationToken);
        while (stuck.Hits == 0)
            await Task.Delay(1, cancellationToken);

        Task<HsmFile>[] opening = [.. s_names.Select(name => reader.Volume.OpenFileAsync(name, cancellationToken: cancellationToken).AsTask())];
        while (opening.Count(static one => one.IsCompletedSuccessfully) < s_names.Length - 1)
        {
            cluster.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1, cancellationToken);
        }
        goOn.SetResult();
        foreach (Task<HsmFile> one in opening)
        {
            using HsmFile file = await cluster.PumpAsync(one);
            byte[] read = new byte[bytes.Length];
            file.Read(read, 0).Should().Be(bytes.Length);
            read.Should().Equal(bytes);
        }
        (await cluster.PumpAsync(list)).Should().BeEquivalentTo(new { Recalled = 1L, Skipped = 4L, Failed = 0L });
    }

    /// <summary>A user who may write the file and does not own it cannot put its times back, which only who writes need not do.</summary>
    [Test]
    public async Task A_writer_who_joins_the_recall_of_a_reader_is_not_refused_for_the_reader(CancellationToken cancellationToken)
    {
        using VolumeInMemory cluster = new();
        byte[] bytes = await cluster.ArchiveAsync();
        await cluster.ReleaseAsync();
        MemoryNode node = cluster.AddNode("node");
        node.Shard.Faults.On(ShardOperation.SetTimes, VolumeInMemory.Name).Fail(ShardError.AccessDenied);
        TaskCompletionSource isStuck = new(), goOn = new();
        node.Shard.Faults.OnLock(VolumeInMemory.Name, LockKind.Exclusive).Once().Delay(() =>
        {
            isStuck.SetResult();
            goOn.Task.Wait(cancellationToken);
        });
        Task<HsmFile> reading = node.Volume.OpenFileAsync(VolumeInMemory.Name, cancellationToken: cancellationToken).AsTask();
        await isStuck.Task.WaitAsync(cancellationToken);
        int opened = 0, openBefore = node.Shard.OpenFileCount;
        node.Shard.BeforeOperation = info => opened += info is { Operation: ShardOperation.Open, Path: VolumeInMemory.Name } ? 1 : 0;
        Task<HsmFile> writing = node.Volume.OpenFileAsync(
            VolumeInMemory.Name, new HsmOpenOptions { Access = FileAccess.ReadWrite }, cancellationToken).AsTask();
        // He has opened it for himself and for a transfer, which is the other's: that handle is closed again.
        while (Volatile.Read(ref opened) < 2 || node.Shard.OpenFileCount != openBefore + 1)
            await Task.Delay(1, cancellationToken);
        goOn.SetResult();

        using HsmFile written = await cluster.PumpAsync(writing);
        using HsmFile read = await cluster.PumpAsync(reading);
        byte[] got = new byte[bytes.Length];
        written.Read(got, 0).Should().Be(bytes.Length);
        got.Should().Equal(bytes);
    }
}
