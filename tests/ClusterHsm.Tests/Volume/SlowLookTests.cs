using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A writer that is stopped between its lock and its look at the mark. Found by the simulation.</summary>
[TestFixture]
public sealed class SlowLookTests
{
    [Test]
    public async Task R11_a_write_whose_look_outlasted_the_lease_locks_and_looks_again_before_it_writes()
    {
        TestBed bed = new();
        TestNode node = bed.AddNode("writer").Polled();
        node.Shard.Open("f", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        await using HsmVolume volume = new(node.Shard, node.Cache, node.Monitor, LockModePolicy.Default, new InMemoryStore());
        await using HsmFile file = await volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });
        bed.Advance(bed.Lease.TotalSeconds + 1);
        bool stopped = false;
        bool? heldItsLock = null;
        node.Shard.BeforeOperation = info =>
        {
            if (info.Path != "f")
                return;
            if (info.Operation == ShardOperation.ReadAttribute && !stopped)
            {
                stopped = true;
                bed.Advance(bed.Lease.TotalSeconds + 1);
                node.Shard.LoseLocks();
            }
            if (info.Operation == ShardOperation.Write)
                heldItsLock = node.Shard.HeldLocks.Any(held => held.Path == "f");
        };

        await file.WriteAsync(new byte[] { 1 }, 0);

        (stopped, heldItsLock).Should().Be((true, (bool?)true));
    }
}
