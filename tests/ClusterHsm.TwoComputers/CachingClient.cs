using ClusterHsm.FileSystem;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.TwoComputers;

/// <summary>Why a ceph-fuse client with its defaults is refused: what it does to a reader, and the refusal.</summary>
/// <remarks><c>CLUSTERHSM_CACHING_MOUNT</c> is where that client has the file system.</remarks>
[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CachingClient : ScenarioFixture
{
    private string RootThere => Path.Combine(SecondComputer.Tell("CLUSTERHSM_CACHING_MOUNT"), Path.GetRelativePath(SecondComputer.Mount, Shard.Root));

    /// <remarks>
    /// A client that may not cache a file, because another has it open for writing (a recall that has not written yet), is told of no
    /// write later; its kernel has cached the hole all the same. If this fails one day, ceph-fuse may have become better, and the refusal
    /// can be looked at again.
    /// </remarks>
    [Test]
    public async Task It_serves_the_hole_under_the_lock_after_the_recall()
    {
        byte[] bytes = Shard.Write("f", 30_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.MakeStubAsync("f");
        using IShardFileSystem caching = ShardFileSystem.Open(RootThere), other = ShardFileSystem.Open(Shard.Root);
        using IShardFile writer = other.Open("f", ShardOpenOptions.ReadWrite), file = caching.Open("f", ShardOpenOptions.Read);
        file.Read(new byte[bytes.Length], 0); // as any program on that computer that reads a stub
        await migrator.RecallAsync(["f"]);

        file.TryLock(new LockRange(migrator.Descriptor.FileLockOffset + 1, 1), LockKind.Shared).IsGranted.Should().BeTrue();
        byte[] read = new byte[bytes.Length];
        file.Read(read, 0).Should().Be(bytes.Length);
        read.Should().OnlyContain(b => b == 0, "that is why such a client is refused");
        (await migrator.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_volume_on_it_is_not_opened_and_the_error_names_cache_and_option()
    {
        Func<Task> opening = async () => await HsmVolume.OpenAsync(RootThere);

        (await opening.Should().ThrowAsync<ShardNotSupportedException>()).WithMessage("*on fuse.ceph-fuse, *page cache*fuse_disable_pagecache = true*cachesProven*");
    }

    [Test]
    public async Task Who_has_proven_it_opens_it_all_the_same()
    {
        SecondComputer.Record(Shard, "\"cachesProven\": true");

        await using HsmVolume volume = await HsmVolume.OpenAsync(RootThere, LocalShard.OutsideTheCluster);

        volume.Descriptor.CachesProven.Should().BeTrue();
    }

    [Test]
    public void A_client_without_a_page_cache_has_no_fault_as_soon_as_it_has_been_asked()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(Shard.Root);
        shard.Capabilities.CacheFault.Should().Contain("none has been opened yet");

        shard.Open(".clusterhsm/signal", ShardOpenOptions.Read).Dispose();

        (shard.Capabilities.FileSystemType, shard.Capabilities.LockReach, shard.Capabilities.CacheFault).Should().Be(("fuse.ceph-fuse", LockReach.Unreliable, null));
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
