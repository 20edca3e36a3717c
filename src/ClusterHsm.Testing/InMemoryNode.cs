using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>One node's view of an <see cref="InMemoryCluster"/>.</summary>
/// <remarks>
/// Thread-safe. To pause a node is to make no calls in its name: its clock goes on and it keeps its locks.
/// </remarks>
public sealed partial class InMemoryNode : IShardFileSystem
{
    private readonly ThreadLocal<bool> _isInHook = new();
    private readonly InMemoryNodeOptions _options;
    private long _mutationCount;
    private bool _isDisposed;

    internal InMemoryNode(InMemoryCluster cluster, string name, InMemoryNodeOptions options)
    {
        _options = options;
        Cluster = cluster;
        Name = name;
        Root = "/memory/" + name;
        ManualTimeProvider clock = cluster.Clock;
        Clock = new ManualTimeProvider(clock.GetUtcNow(), options.ClockRate);
        InMemoryClusterOptions shard = cluster.Options;
        Capabilities = new ShardCapabilities
        {
            FileSystemType = shard.FileSystemType,
            IsReadOnly = options.IsReadOnly,
            LockDriver = LockDriver.OpenFileDescription,
            LockReach = shard.LockReach,
            LockFault = shard.LockFault,
            QueriesSeeEveryNode = shard.QueriesSeeEveryNode,
            RecordFault = shard.RecordFault,
            FlockConflictsWithRanges = false,
            CanStoreRecords = shard.CanStoreRecords,
            CanPunchHoles = shard.CanPunchHoles,
            AllocationIsTruthful = shard.AllocationIsTruthful,
            HasBarrier = shard.HasBarrier,
            TimestampGranularity = shard.TimestampGranularity,
        };
    }

    /// <summary>The shard that it is a node of.</summary>
    public InMemoryCluster Cluster { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public string Root { get; }

    /// <summary>The clock by which it counts leases. Moved by itself, the other nodes' clocks stand still.</summary>
    public ManualTimeProvider Clock { get; }

    TimeProvider IShardFileSystem.Clock => Clock;

    /// <inheritdoc/>
    public ShardCapabilities Capabilities { get; }

    /// <summary>The faults on order.</summary>
    public NodeFaults Faults { get; } = new();

    /// <summary>
    /// Called before each call of this node, on the calling thread, outside all locks, so that a test can let another actor act at an
    /// exact point. Calls of this node that are made inside it do not call it again. What it throws, the call throws.
    /// </summary>
    public Action<ShardOperationInfo>? BeforeOperation { get; set; }

    /// <summary>
    /// Calls of this node so far that may change the shard or make a change durable (<see cref="ShardOperationInfo.IsMutation"/>),
    /// those that failed included: the steps between which it can crash.
    /// </summary>
    public long MutationCount => Interlocked.Read(ref _mutationCount);

    /// <summary>Whether it has crashed.</summary>
    public bool IsCrashed { get; private set; }

    /// <summary>Files that it has open.</summary>
    public int OpenFileCount
    {
        get { lock (Cluster.Gate) return Cluster.Inodes.Sum(inode => inode.Handles.Count(handle => handle.Node == this)); }
    }

    /// <summary>The locks that it holds, in no order.</summary>
    public IReadOnlyList<HeldLock> HeldLocks
    {
        get
        {
            lock (Cluster.Gate)
                return [.. Cluster.Inodes.SelectMany(static inode => inode.Locks.List())
                    .Where(held => held.Owner.Node == this)
                    .Select(static held => new HeldLock(held.Owner.Path, held.Range, held.Kind))];
        }
    }

    internal uint UserId => _options.UserId;

    /// <summary>
    /// Ends the node at once: its locks and handles are gone, and every later call on it or on its files fails with
    /// <see cref="ShardError.DeadHandle"/>. A process that starts again is a new node.
    /// </summary>
    public void Crash()
    {
        lock (Cluster.Gate)
        {
            if (IsCrashed)
                return;
            IsCrashed = true;
            foreach (Inode inode in Cluster.Inodes.ToArray())
            {
                inode.Locks.ReleaseAll(this);
                inode.Handles.RemoveAll(handle => handle.Node == this);
                Cluster.ForgetIfGone(inode);
            }
            Cluster.TakeBackChanges(this);
        }
    }

    /// <summary>Drops every lock that the node holds, without a word to it. Its files go on working.</summary>
    public void LoseLocks()
    {
        lock (Cluster.Gate)
            foreach (Inode inode in Cluster.Inodes)
                inode.Locks.ReleaseAll(this);
    }

    /// <summary>The node leaves. Files that it has open stay open.</summary>
    public void Dispose() => _isDisposed = true;

    /// <summary>Every call comes through here first: the hook, the faults, the crash before it.</summary>
    /// <returns>What a fault wants of the call itself.</returns>
    internal Fault.Effect Begin(ShardOperationInfo info)
    {
        if (!_isInHook.Value && BeforeOperation is { } hook)
        {
            _isInHook.Value = true;
            try
            {
                hook(info);
            }
            finally
            {
                _isInHook.Value = false;
            }
        }
        if (IsCrashed)
            return default;
        if (info.IsMutation)
            Interlocked.Increment(ref _mutationCount);
        Fault.Effect effect = Faults.Strike(info);
        if (effect.Kind == Fault.EffectKind.CrashBefore)
        {
            Crash();
            throw new NodeCrashedException(Name, info, done: false);
        }
        return effect;
    }

    /// <summary>And here when it is done: the crash after it.</summary>
    internal void End(ShardOperationInfo info, Fault.Effect effect)
    {
        if (effect.Kind != Fault.EffectKind.CrashAfter)
            return;
        Crash();
        throw new NodeCrashedException(Name, info, done: true);
    }

    /// <summary><see cref="Begin"/> for the calls that fail by throwing.</summary>
    internal Fault.Effect BeginOrThrow(ShardOperationInfo info)
    {
        ObjectDisposedException.ThrowIf(_isDisposed && info.Operation == ShardOperation.Open, this);
        Fault.Effect effect = Begin(info);
        if (effect.Kind == Fault.EffectKind.Fail)
            throw Failure(info, effect.Error);
        if (IsCrashed)
            throw Failure(info, ShardError.DeadHandle);
        return effect;
    }

    internal ShardIOException Failure(ShardOperationInfo info, ShardError error, string? reason = null, int nativeError = 0) => new(
        error,
        info.Verb,
        info.Path.Length == 0 ? Root : $"{Root}/{info.Path}",
        reason ?? Failures.Reason(error),
        nativeError == 0 ? Failures.NativeError(error) : nativeError);

    /// <summary>To be called inside the gate: another thread may have ended the node since the call began.</summary>
    internal void ThrowIfCrashed(ShardOperationInfo info)
    {
        if (IsCrashed)
            throw Failure(info, ShardError.DeadHandle);
    }

    internal void ThrowIfReadOnly(ShardOperationInfo info)
    {
        if (_options.IsReadOnly)
            throw Failure(info, ShardError.ReadOnly);
    }

    internal void ThrowIfNotOwner(ShardOperationInfo info, Inode inode)
    {
        if (UserId != 0 && UserId != inode.State.UserId)
            throw Failure(info, ShardError.AccessDenied);
    }

    private void ThrowIfNotAllowed(ShardOperationInfo info, Inode inode, bool read, bool write)
    {
        if (UserId == 0)
            return;
        InodeState state = inode.State;
        int shift = UserId == state.UserId ? 6 : _options.GroupId == state.GroupId ? 3 : 0;
        int bits = (int)state.Mode >> shift;
        if ((read && (bits & 4) == 0) || (write && (bits & 2) == 0))
            throw Failure(info, ShardError.AccessDenied);
    }
}
