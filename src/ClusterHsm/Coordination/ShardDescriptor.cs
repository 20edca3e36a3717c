using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>What <c>.clusterhsm/shard.json</c> says: what all nodes and migrators of a shard must agree on.</summary>
public sealed record ShardDescriptor
{
    /// <summary>The format that this version writes and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The shard's own name.</summary>
    public required Guid ShardId { get; init; }

    /// <summary>Where the shard's secondary storage is.</summary>
    public required Uri StoreLocation { get; init; }

    /// <summary>The identity of that store, so that an empty mount point is not taken for it.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>How long a grant is good for (R1).</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What a migrator waits beyond the lease, for clocks that run at different rates (R4).</summary>
    public TimeSpan ClockDriftMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Where the HSM lock of a data file lies: the gate byte; the lock byte is the next.</summary>
    public long FileLockOffset { get; init; } = 1L << 62;

    /// <summary>How many migrators can work at once: the length of the slot range (R10).</summary>
    public int SlotCount { get; init; } = 4096;

    /// <summary>What an operator has proven about locks, where the file system's name does not say.</summary>
    public LockReach? LockReach { get; init; }

    /// <summary>Reads the descriptor of a shard.</summary>
    public static ShardDescriptor Load(IShardFileSystem shard) => throw new NotImplementedException();

    /// <summary>Makes the control folder.</summary>
    public static void Initialize(IShardFileSystem shard, ShardDescriptor descriptor) => throw new NotImplementedException();
}
