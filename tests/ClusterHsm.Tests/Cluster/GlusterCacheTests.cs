using ClusterHsm.FileSystem;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>Why a client with GlusterFS's default options is refused: what it does to a reader, and the refusal.</summary>
[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[NonParallelizable] // the caches of clients are what it looks at
public sealed class GlusterCacheTests : ScenarioFixture
{
    private const string Default = "default";
    private const string Direct = "direct";
    private const string ReadAhead = "ahead";

    [OneTimeSetUp]
    public void MountWithCaches()
    {
        GlusterVolume.Script("mount", Default, "-c");
        GlusterVolume.Script("mount", Direct, "-c", "--direct-io-mode=enable", "--attribute-timeout=0", "--entry-timeout=0");
        GlusterVolume.Script("mount", ReadAhead, "-x", "read-ahead", "--direct-io-mode=enable");
    }

    /// <remarks>
    /// The release and the recall put the times back, so that no cache sees that the data has changed. If this fails one day, GlusterFS
    /// may have become better, and the refusal can be looked at again.
    /// </remarks>
    [TestCase(Default)]
    [TestCase(Direct)]
    public async Task A_client_that_caches_serves_the_hole_under_the_lock_after_the_recall(string client)
    {
        byte[] bytes = Shard.Write("f", 30_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.MakeStubAsync("f");
        using IShardFileSystem cached = ShardFileSystem.Open(RootOn(client));
        using (IShardFile early = cached.Open("f", ShardOpenOptions.Read)) // any program on that computer that reads a stub
            early.Read(new byte[bytes.Length], 0);
        await migrator.RecallAsync(["f"]);

        using IShardFile file = cached.Open("f", ShardOpenOptions.Read);
        file.TryLock(new LockRange(migrator.Descriptor.FileLockOffset + 1, 1), LockKind.Shared).IsGranted.Should().BeTrue();
        byte[] read = new byte[bytes.Length];
        file.Read(read, 0).Should().Be(bytes.Length);
        read.Should().OnlyContain(b => b == 0, "that is why such a client is refused");
        (await migrator.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public void A_client_that_reads_ahead_serves_old_data_under_the_lock()
    {
        const int piece = 128 << 10, count = 16, before = 6;
        byte[] buffer = new byte[piece];
        Shard.Write("f", piece * count);
        using IShardFileSystem ahead = ShardFileSystem.Open(RootOn(ReadAhead)), node = ShardFileSystem.Open(Shard.Root);
        using IShardFile reader = ahead.Open("f", ShardOpenOptions.Read), writer = node.Open("f", ShardOpenOptions.ReadWrite);
        for (int i = 0; i < before; i++)
            reader.Read(buffer, i * piece);
        LockRange range = new(1L << 62, 1);
        writer.TryLock(range, LockKind.Exclusive).IsGranted.Should().BeTrue();
        writer.Write(new byte[piece * count], 0);
        writer.Flush();
        writer.Unlock(range);

        reader.TryLock(range, LockKind.Shared).IsGranted.Should().BeTrue();
        int stale = 0;
        for (int i = before; i < count; i++)
        {
            reader.Read(buffer, i * piece);
            stale += buffer.AsSpan().ContainsAnyExcept((byte)0) ? 1 : 0;
        }

        stale.Should().BePositive("that is why such a client is refused");
    }

    [TestCase(Default, "the kernel's page cache, performance/quick-read, performance/md-cache")]
    [TestCase(Direct, "performance/quick-read, performance/md-cache")]
    [TestCase(ReadAhead, "performance/read-ahead")]
    public async Task A_volume_on_such_a_client_is_not_opened_and_the_error_names_caches_and_options(string client, string caches)
    {
        Func<Task> opening = async () => await HsmVolume.OpenAsync(RootOn(client));

        (await opening.Should().ThrowAsync<ShardNotSupportedException>()).WithMessage($"{RootOn(client)}: on fuse.glusterfs, *({caches})*direct-io-mode=enable*cachesProven*");
    }

    [Test]
    public async Task Who_has_proven_it_opens_it_all_the_same()
    {
        string descriptor = Shard.PathOf(".clusterhsm/shard.json");
        File.WriteAllText(descriptor, File.ReadAllText(descriptor).Replace("{", "{ \"cachesProven\": true,", StringComparison.Ordinal));

        await using HsmVolume volume = await HsmVolume.OpenAsync(RootOn(Default), LocalShard.OutsideTheCluster);

        volume.Descriptor.CachesProven.Should().BeTrue();
    }

    [Test]
    public void A_client_without_caches_has_no_fault_and_no_barrier()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(Shard.Root);

        ShardCapabilities capabilities = shard.Capabilities;
        (capabilities.FileSystemType, capabilities.LockReach, capabilities.CacheFault, capabilities.HasBarrier)
            .Should().Be(("fuse.glusterfs", LockReach.Shared, null, false));
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);

    private string RootOn(string client) => GlusterVolume.PathOn(client, Shard);
}
