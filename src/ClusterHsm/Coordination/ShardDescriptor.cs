using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>What <c>.clusterhsm/shard.json</c> says: what all nodes and migrators of a shard must agree on. Immutable.</summary>
/// <remarks>
/// It changes only while nobody is on the shard: a node that counts by another lease than a migrator breaks the promise of both.
/// </remarks>
public sealed record ShardDescriptor
{
    /// <summary>The newest format that this version reads. Shards without a key are written in format 1, which older versions read too.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Most slots that a shard can have.</summary>
    public const int MaxSlotCount = 1 << 20;

    /// <summary>Least <see cref="FileLockOffset"/>: past the data of any file that is likely to be migrated.</summary>
    public const long MinFileLockOffset = 1L << 40;

    /// <summary>Greatest <see cref="FileLockOffset"/>: the lock byte and the byte after it must be numbers too.</summary>
    public const long MaxFileLockOffset = long.MaxValue - 2;

    /// <summary>Shortest lease: below it, the round trips of a poll eat it up.</summary>
    public static readonly TimeSpan MinLeaseDuration = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Longest lease. Whatever is allowed here, it must be well below the time after which the file system takes a silent client's
    /// locks away: 8 s (GlusterFS, direct-io) to 90 s (NFSv4) in practice.
    /// </summary>
    public static readonly TimeSpan MaxLeaseDuration = TimeSpan.FromSeconds(60);

    /// <summary>Greatest drift margin.</summary>
    public static readonly TimeSpan MaxClockDriftMargin = TimeSpan.FromSeconds(60);

    /// <summary>The shard's own name.</summary>
    public required Guid ShardId { get; init; }

    /// <summary>Where the shard's secondary storage is: an absolute URI.</summary>
    public required Uri StoreLocation { get; init; }

    /// <summary>The identity of that store, so that an empty mount point is not taken for it.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>How long a grant is good for (R1).</summary>
    /// <value>Default 3 s; <see cref="MinLeaseDuration"/> to <see cref="MaxLeaseDuration"/>, whole milliseconds.</value>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What a migrator waits beyond the lease, for clocks that run at different rates (R4).</summary>
    /// <value>Default 200 ms; zero to <see cref="MaxClockDriftMargin"/>, whole milliseconds.</value>
    public TimeSpan ClockDriftMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Where the HSM lock of a data file lies: the gate byte; the lock byte is the next.</summary>
    /// <value>Default 2^62; <see cref="MinFileLockOffset"/> to <see cref="MaxFileLockOffset"/>.</value>
    public long FileLockOffset { get; init; } = 1L << 62;

    /// <summary>How many migrators can work at once: the length of the slot range (R10).</summary>
    /// <value>Default 4096; 1 to <see cref="MaxSlotCount"/>.</value>
    public int SlotCount { get; init; } = 4096;

    /// <summary>What an operator has proven about locks, where the file system's name does not say; null to go by the file system.</summary>
    public LockReach? LockReach { get; init; }

    /// <summary>
    /// What an operator has proven about caches: that on every node a look and a read under a lock show what the others wrote under it,
    /// whatever <see cref="ShardCapabilities.CacheFault"/> says; and that the next open shows records that they wrote, whatever
    /// <see cref="ShardCapabilities.RecordFault"/> says.
    /// </summary>
    public bool CachesProven { get; init; }

    /// <summary>
    /// What an operator has proven about <see cref="SignalRequest.Query"/>: that on every node a question after a lock tells of the locks
    /// of all the others, whatever <see cref="ShardCapabilities.QueriesSeeEveryNode"/> says.
    /// </summary>
    public bool QueriesProven { get; init; }

    /// <summary>Which key signs the shard's records (<c>.clusterhsm/key</c>); null if they are not signed.</summary>
    public Guid? KeyId { get; init; }

    /// <summary>
    /// The change time (ctime) of the signal and the quiesce file when the shard was made; null where nobody noted it. Nothing that the
    /// library does to them changes it, and nobody can set it: with another one they were replaced, or their permissions changed.
    /// </summary>
    internal ShardTimestamp? SignalChanged { get; init; }

    /// <inheritdoc cref="SignalChanged"/>
    internal ShardTimestamp? QuiesceChanged { get; init; }

    /// <summary>Reads the descriptor of a shard.</summary>
    /// <exception cref="NotAShardException">There is none.</exception>
    /// <exception cref="ShardFormatException">It was written by a newer version.</exception>
    /// <exception cref="InvalidShardException">It is garbage, or a value is out of range.</exception>
    /// <exception cref="HsmAccessDeniedException">It may not be read.</exception>
    /// <exception cref="ShardFailureException">The file system failed.</exception>
    public static ShardDescriptor Load(IShardFileSystem shard)
    {
        ArgumentNullException.ThrowIfNull(shard);
        string path = ShardErrors.Full(shard, ControlFolder.DescriptorPath);
        byte[] text;
        try
        {
            using IShardFile file = shard.Open(ControlFolder.DescriptorPath, ShardOpenOptions.Read);
            text = SmallFile.Read(file, ShardDescriptorJson.MaxLength)
                ?? throw new InvalidShardException(path, $"it is longer than {ShardDescriptorJson.MaxLength} bytes", ShardErrors.RestoreDescriptor);
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.NotFound)
        {
            throw new NotAShardException(shard.Root, $"there is no {ControlFolder.DescriptorPath} in it", shard.GetInfo(ControlFolder.Name) is null
                ? "Run 'clusterhsm init' to make it a shard"
                : "If it was a shard, restore that file from a backup, because a new one would know none of its stubs; if an 'init' was cut off, run it again", failure);
        }
        catch (ShardIOException failure)
        {
            throw ShardErrors.Translate(shard, failure, ControlFolder.DescriptorPath, "read permission is needed to join the shard");
        }
        return ShardDescriptorJson.Read(text, path);
    }

    /// <summary>Makes the control folder of a new shard, or finishes what a crashed call has left. Durable when it returns.</summary>
    /// <remarks>The descriptor is written last, so that a half-made shard is none.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A value of the descriptor is out of range.</exception>
    /// <exception cref="HsmAlreadyExistsException">There is a shard already, or another process is making it.</exception>
    /// <exception cref="ReadOnlyShardException">The file system is mounted read-only.</exception>
    /// <exception cref="HsmAccessDeniedException">Nothing may be made in the root.</exception>
    /// <exception cref="NoSpaceException">The file system is full.</exception>
    /// <exception cref="ShardFailureException">The file system failed.</exception>
    public static void Initialize(IShardFileSystem shard, ShardDescriptor descriptor) => Initialize(shard, descriptor, null, null);

    /// <param name="shard">The directory.</param>
    /// <param name="descriptor">What its <see cref="KeyId"/> names is the key.</param>
    /// <param name="key">Signs the shard's records; null if nothing does.</param>
    /// <param name="migratorGroup">Whose members may migrate, besides the owner; null: nobody.</param>
    internal static void Initialize(IShardFileSystem shard, ShardDescriptor descriptor, ShardKey? key, uint? migratorGroup)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(descriptor);
        if (descriptor.KeyId != key?.Id)
            throw new ArgumentException("Its KeyId names a key that is not given: HsmShard.Initialize makes shards with a key.", nameof(descriptor));
        if (descriptor.FindFault() is { } fault)
            throw new ArgumentOutOfRangeException(nameof(descriptor), $"{fault.Name} {fault.Rule}.");
        ShardInitializer.Run(shard, descriptor, key, migratorGroup);
    }

    /// <summary>How far locks are seen: what the operator has proven, else what the file system was found to be.</summary>
    internal LockReach EffectiveLockReach(IShardFileSystem shard) => LockReach ?? shard.Capabilities.LockReach;

    /// <summary>How a node that wants to ask so may ask for the signal: a free signal is believed only where that is known to say so for all nodes (R9).</summary>
    internal SignalRequest EffectiveRequest(IShardFileSystem shard, SignalRequest wanted) =>
        wanted == SignalRequest.Query && !QueriesProven && !shard.Capabilities.QueriesSeeEveryNode ? SignalRequest.LockAndUnlock : wanted;

    /// <summary>Refuses a node whose reads may be old though it holds the lock: it would serve the hole of a stub that is recalled by now.</summary>
    /// <exception cref="ShardNotSupportedException">The file system's client caches too much.</exception>
    internal void RequireFreshReads(IShardFileSystem shard)
    {
        if (!CachesProven && shard.Capabilities.CacheFault is { } fault)
        {
            throw new ShardNotSupportedException(shard.Root, $"on {shard.Capabilities.FileSystemType}, {fault}",
                "If all the same nothing old is read, prove it with 'clusterhsm doctor --peer' and record it in shard.json as \"cachesProven\": true");
        }
    }

    /// <summary>The first value out of range, by its name in the file, or null.</summary>
    internal (string Name, string Rule)? FindFault()
    {
        if (ShardId == Guid.Empty)
            return ("shardId", "must not be zero");
        if (StoreLocation is not { IsAbsoluteUri: true })
            return ("storeLocation", "must be an absolute URI such as file:///backup/store");
        if (!IsWholeMilliseconds(LeaseDuration) || LeaseDuration < MinLeaseDuration || LeaseDuration > MaxLeaseDuration)
            return ("leaseMilliseconds", $"must be {MinLeaseDuration.TotalMilliseconds:0} to {MaxLeaseDuration.TotalMilliseconds:0}");
        if (!IsWholeMilliseconds(ClockDriftMargin) || ClockDriftMargin < TimeSpan.Zero || ClockDriftMargin > MaxClockDriftMargin)
            return ("clockDriftMarginMilliseconds", $"must be 0 to {MaxClockDriftMargin.TotalMilliseconds:0}");
        if (FileLockOffset is < MinFileLockOffset or > MaxFileLockOffset)
            return ("fileLockOffset", $"must be {MinFileLockOffset} to {MaxFileLockOffset}");
        if (SlotCount is < 1 or > MaxSlotCount)
            return ("slotCount", $"must be 1 to {MaxSlotCount}");
        if (LockReach is { } reach && !Enum.IsDefined(reach))
            return ("lockReach", "must be Unknown, NodeLocal or Shared");
        return null;
    }

    private static bool IsWholeMilliseconds(TimeSpan value) => value.Ticks % TimeSpan.TicksPerMillisecond == 0;
}
