using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Tool.Watch;

/// <summary>What one look at a shard saw.</summary>
/// <param name="Time">When, by the wall clock of this computer.</param>
/// <param name="Phase">What migrators do.</param>
/// <param name="Parties">Nodes and migrators.</param>
internal sealed record ShardSight(DateTimeOffset Time, HandoverPhase Phase, IReadOnlyList<NodeInfo> Parties)
{
    /// <summary>Looks. Locks are asked after and not taken, so that no migrator has to wait for this.</summary>
    /// <exception cref="HsmException">The shard cannot be looked at; the type says why.</exception>
    public static ShardSight Take(IShardFileSystem shard, ShardDescriptor descriptor)
    {
        IReadOnlyList<NodeInfo> parties = NodeRegistry.List(shard, descriptor);
        return new ShardSight(shard.Clock.GetUtcNow(), PhaseOf(shard, descriptor), parties);
    }

    private static HandoverPhase PhaseOf(IShardFileSystem shard, ShardDescriptor descriptor)
    {
        // Nodes share both files, migrators do not: a shared lock is denied by migrators alone.
        LockRange slots = new(0, descriptor.SlotCount);
        return Ask(ControlFolder.SignalPath) switch
        {
            LockStatus.Granted => HandoverPhase.None,
            LockStatus.Denied => Ask(ControlFolder.QuiescePath) switch
            {
                LockStatus.Granted => HandoverPhase.Waiting,
                LockStatus.Denied => HandoverPhase.Releasing,
                _ => HandoverPhase.Unknown,
            },
            _ => HandoverPhase.Unknown,
        };

        LockStatus Ask(string path)
        {
            try
            {
                using IShardFile file = shard.Open(path, ShardOpenOptions.Read);
                return file.QueryLock(slots, LockKind.Shared).Status;
            }
            catch (ShardIOException)
            {
                return LockStatus.Failed;
            }
        }
    }
}
