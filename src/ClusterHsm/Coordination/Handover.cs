using System.Diagnostics;
using System.Globalization;
using ClusterHsm.FileSystem;
using ClusterHsm.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterHsm.Coordination;

/// <summary>The time in which a migrator may turn files into stubs (R4, R10, R11).</summary>
/// <remarks>
/// Several handovers can run at once, each in a slot of its own; a file is protected from two migrators by its own HSM lock.
/// <see cref="MayRelease"/> is thread-safe; it blocks for as long as the file system does. Dispose it as soon as the batch is done:
/// while it lasts, every node of the shard works strictly.
/// </remarks>
internal sealed class Handover : IAsyncDisposable
{
    private const string PermissionNeeded = "write permission on the signal and quiesce files is what makes a migrator, and it is missing";

    /// <summary>The first pause between two attempts at a lock.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);

    /// <summary>The pause that they grow to.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly IShardFileSystem _shard;
    private readonly ShardDescriptor _descriptor;
    private readonly HandoverOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly SlotLocks _locks;
    private readonly NodePresence _presence;
    private readonly Lock _gate = new();
    private readonly long _halfLease;
    private readonly long _waitForNodes;
    private string? _endedBecause;
    private long _done, _bytes;

    private Handover(IShardFileSystem shard, ShardDescriptor descriptor, HandoverOptions options)
    {
        _shard = shard;
        _descriptor = descriptor;
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
        _clock = shard.Clock;
        _locks = new SlotLocks(shard, descriptor);
        _presence = new NodePresence(shard, descriptor, NodeRole.Migrator, DescribeToOthers, options.NodeName, options.Random, _logger);
        _halfLease = _clock.TicksDown(descriptor.LeaseDuration) / 2;
        _waitForNodes = _clock.TicksUp(descriptor.LeaseDuration) + _clock.TicksUp(descriptor.ClockDriftMargin);
    }

    /// <summary>How long it took to begin.</summary>
    public TimeSpan WaitTime { get; private set; }

    /// <summary>The byte of signal and quiesce that this migrator holds (R10).</summary>
    public int Slot => _locks.Slot;

    /// <summary>Whether nodes did not leave in time and the handover went on by the lease alone. Stays true if quiesce is had later.</summary>
    public bool ProceededOnLeaseAlone { get; private set; }

    /// <summary>Why nothing may be released any more, or null while it may.</summary>
    public string? EndedBecause => Volatile.Read(ref _endedBecause);

    /// <summary>Takes signal and quiesce and waits until no node can be relaxed: at least the lease and the drift margin.</summary>
    /// <exception cref="HandoverTimeoutException">The signal was not free, or nodes did not leave, in time; the message names them.</exception>
    /// <exception cref="HsmAccessDeniedException">Write permission on the signal or the quiesce file is missing.</exception>
    /// <exception cref="ReadOnlyShardException">The shard is mounted read-only here.</exception>
    /// <exception cref="ShardNotSupportedException">Locks are not known to be seen by every node.</exception>
    /// <exception cref="InvalidShardException">The signal or the quiesce file is missing.</exception>
    /// <exception cref="ShardFailureException">The file system failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is held.</exception>
    public static async ValueTask<Handover> BeginAsync(
        IShardFileSystem shard, ShardDescriptor descriptor, HandoverOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(descriptor);
        options ??= new HandoverOptions();
        options.Validate();
        RequirePossible(shard, descriptor);

        var handover = new Handover(shard, descriptor, options);
        try
        {
            if (Rules.R8)
                await handover.TakeOverAndTellAsync(cancellationToken).ConfigureAwait(false);
            return handover;
        }
        catch
        {
            await handover.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Refuses what could never begin, before anything is done for it: no shared locks, a read-only mount, no permission.</summary>
    internal static void RequirePossible(IShardFileSystem shard, ShardDescriptor descriptor)
    {
        if (descriptor.EffectiveLockReach(shard) != LockReach.Shared)
        {
            throw new ShardNotSupportedException(shard.Root,
                $"locks on {shard.Capabilities.FileSystemType} are not known to be seen by every node{ShardErrors.Because(shard)}, so no migration is safe",
                "Prove that they are with 'clusterhsm doctor --peer' and record it in shard.json as \"lockReach\", or do not migrate here");
        }
        if (shard.Capabilities.IsReadOnly)
            throw new ReadOnlyShardException(shard.Root, "it is mounted read-only here", "Migrate from a node that may write");
        if (EnclosingShard.Find(shard.Root) is { } outer)
            throw new InvalidShardException(shard.Root, $"it lies in the shard '{outer}', whose nodes would not be asked before its files become stubs", EnclosingShard.Remedy);
        foreach (string path in (ReadOnlySpan<string>)[ControlFolder.SignalPath, ControlFolder.QuiescePath])
        {
            try
            {
                shard.Open(path, ShardOpenOptions.ReadWrite).Dispose();
            }
            catch (ShardIOException failure) when (failure.Error == ShardError.AccessDenied)
            {
                throw ShardErrors.Translate(shard, failure, path, PermissionNeeded);
            }
            catch (ShardIOException)
            {
                // Whatever else it is may be over by then.
            }
        }
    }

    /// <summary>
    /// Takes both locks again if half a lease has passed since they were last granted (R11) and says whether a file may be released
    /// now. False for ever once it was false: a new handover is needed.
    /// </summary>
    /// <remarks>Ask before each release. <see cref="EndedBecause"/> tells why it is false.</remarks>
    public bool MayRelease()
    {
        lock (_gate)
        {
            if (_endedBecause is not null || !Rules.R8)
                return _endedBecause is null;
            // Looked at before the renewal: after a pause the locks may be granted again although nodes were relaxed in between.
            if (!_locks.AreTrusted)
                return End("more than a lease has passed since the locks were last granted: this process was paused or cut off");
            if (_locks.Age < _halfLease || !Rules.R11)
                return true;
            if (_locks.Confirm(out bool unbroken) is { } loss)
                return End(loss);
            if (!unbroken)
                return End("taking the locks again took longer than the lease");
            if (!_locks.HoldsQuiesce)
                _locks.TryQuiesceLate();
            _presence.Report();
            return _locks.AreTrusted || End("taking the locks again took longer than the lease");
        }
    }

    /// <summary>Counts a file that has become a stub, for others to see.</summary>
    public void CountDone(long bytes)
    {
        Interlocked.Increment(ref _done);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>Gives both locks back.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _endedBecause ??= "it was closed";
            _locks.Release();
            _locks.Forget();
            _presence.Leave();
        }
        return ValueTask.CompletedTask;
    }

    private async ValueTask TakeOverAndTellAsync(CancellationToken cancellationToken)
    {
        ShardTelemetry telemetry = new(_shard.Root);
        long begunAt = _clock.GetTimestamp();
        using Activity? activity = telemetry.Start("clusterhsm.handover");
        try
        {
            try
            {
                await TakeOverAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ShardIOException failure)
            {
                throw ShardErrors.Translate(_shard, failure, ControlFolder.SignalPath, PermissionNeeded);
            }
            telemetry.HandoverBegun(WaitTime);
            activity?.SetTag("clusterhsm.slot", Slot).SetTag("clusterhsm.lease_alone", ProceededOnLeaseAlone);
        }
        catch (Exception failure)
        {
            telemetry.HandoverFailed(failure, _clock.GetElapsedTime(begunAt));
            ShardTelemetry.Fail(activity, failure);
            throw;
        }
    }

    private async ValueTask TakeOverAsync(CancellationToken cancellationToken)
    {
        long begunAt = _clock.GetTimestamp();
        LookAtFiles();
        _presence.Register();
        await TakeSignalAsync(begunAt + _clock.TicksUp(_options.SignalTimeout), cancellationToken).ConfigureAwait(false);

        long deadline = _clock.GetTimestamp() + _clock.TicksUp(_options.QuiesceTimeout);
        var backoff = NewBackoff();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_locks.HoldsQuiesce && !ProceededOnLeaseAlone && Rules.R4b)
                TryQuiesce(deadline);
            bool nodesHaveLeft = _locks.HoldsQuiesce || ProceededOnLeaseAlone || !Rules.R4b;
            long left = _locks.HeldSince + _waitForNodes - _clock.GetTimestamp();
            bool leaseIsOver = left <= 0 || !Rules.R4c;
            if ((nodesHaveLeft && leaseIsOver) || _locks.Age >= _halfLease)
            {
                if (_locks.Confirm(out bool unbroken) is not null)
                {
                    // Lost before anything was released: begin again with (a), within the same time.
                    _locks.Release();
                    _locks.Forget();
                    LookAtFiles();
                    await TakeSignalAsync(deadline, cancellationToken).ConfigureAwait(false);
                    continue;
                }
                if (nodesHaveLeft && leaseIsOver && unbroken && _locks.AreTrusted)
                    break;
                continue;
            }
            long pause = nodesHaveLeft ? left : _clock.TicksUp(backoff.Next());
            pause = Math.Min(pause, _halfLease - _locks.Age);
            await Task.Delay(_clock.TimerDuration(pause), _clock, cancellationToken).ConfigureAwait(false);
        }
        WaitTime = _clock.GetElapsedTime(begunAt);
        _logger.HandoverBegun(_shard.Root, Slot, WaitTime);
    }

    /// <summary>(a): nodes hold the whole range for an instant at each poll, other migrators one slot: try again soon, elsewhere.</summary>
    private async ValueTask TakeSignalAsync(long deadline, CancellationToken cancellationToken)
    {
        var backoff = NewBackoff();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int slot;
            lock (_options.Random)
                slot = _options.Random.Next(_descriptor.SlotCount);
            LockResult answer = _locks.TrySignal(slot);
            if (answer.IsGranted)
                return;
            ThrowIfHopeless(answer, ControlFolder.SignalPath);
            if (answer.Error == ShardError.DeadHandle)
            {
                _locks.Forget();
                LookAtFiles();
            }
            if (!await backoff.PauseAsync(deadline, cancellationToken).ConfigureAwait(false))
            {
                throw new HandoverTimeoutException(ShardErrors.Full(_shard, ControlFolder.SignalPath),
                    $"the signal lock was not to be had in {Seconds(_options.SignalTimeout)} ({SlotLocks.Words(answer)})",
                    "Look with 'clusterhsm nodes' for other migrators and for nodes that hang, then try again");
            }
        }
    }

    private void TryQuiesce(long deadline)
    {
        LockResult answer = _locks.TryQuiesce();
        if (answer.IsGranted)
            return;
        ThrowIfHopeless(answer, ControlFolder.QuiescePath);
        if (_clock.GetTimestamp() < deadline)
            return;
        string nodes = NodesInTheWay();
        if (!_options.ProceedOnLeaseAlone)
        {
            throw new HandoverTimeoutException(_shard.Root,
                $"nodes did not leave relaxed mode within {Seconds(_options.QuiesceTimeout)}: {nodes}",
                "End or resume these processes and try again, or go on by the lease alone (ProceedOnLeaseAlone)");
        }
        ProceededOnLeaseAlone = true;
        _logger.HandoverByLeaseAlone(_shard.Root, nodes);
    }

    private string NodesInTheWay()
    {
        try
        {
            string[] nodes = [.. NodeRegistry.List(_shard, _descriptor).Where(node => node.HoldsQuiesce).Select(node => node.ToString())];
            return nodes.Length > 0 ? string.Join(", ", nodes) : $"a node without a file in {ControlFolder.NodesPath}";
        }
        catch (HsmException failure)
        {
            return $"nobody knows who ({failure.Cause})";
        }
    }

    private void LookAtFiles()
    {
        if (_locks.Look() is not { } gone)
            return;
        throw new InvalidShardException(_shard.Root, gone,
            $"Make {ControlFolder.SignalPath} and {ControlFolder.QuiescePath} anew, empty, if one is missing, then try again");
    }

    private void ThrowIfHopeless(LockResult answer, string path)
    {
        if (answer.Status != LockStatus.Failed || answer.Error is ShardError.Temporary or ShardError.DeadHandle)
            return;
        if (answer.Error == ShardError.AccessDenied)
        {
            throw new HsmAccessDeniedException(ShardErrors.Full(_shard, path),
                "write permission on this file is what makes a migrator, and it is missing", "Ask the owner of the shard for it");
        }
        throw new ShardFailureException(ShardErrors.Full(_shard, path), SlotLocks.Words(answer), "See to the file system, then try again");
    }

    private bool End(string why)
    {
        Volatile.Write(ref _endedBecause, why);
        _logger.HandoverLost(_shard.Root, why);
        return false;
    }

    private NodeReport DescribeToOthers() => new(LockMode.Strict)
    {
        Handover = new HandoverProgress { Files = _options.Files, Done = Interlocked.Read(ref _done), Bytes = Interlocked.Read(ref _bytes) },
    };

    private Backoff NewBackoff() => new(_clock, _options.Random, FirstPause, LongestPause);

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
