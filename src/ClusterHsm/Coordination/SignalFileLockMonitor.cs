using ClusterHsm.Caching;
using ClusterHsm.FileSystem;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterHsm.Coordination;

/// <summary>Asks for the signal lock again and again and says whether this node may work relaxed.</summary>
/// <remarks>
/// <para>Polls on a thread of its own, because a call to a file system that has lost its server can hang for minutes. Safety does not
/// hang on that thread: the lease is judged by the clock of whoever asks. Nothing that happens while polling is thrown into the
/// application; it is told by <see cref="State"/>, <see cref="ModeChanged"/> and the log, once for each change of the reason.</para>
/// <para>Thread-safe. The shard and the cache must outlive it. A shard and a process may have several monitors; each is a node.</para>
/// </remarks>
public sealed class SignalFileLockMonitor : IAsyncDisposable
{
    /// <summary>How long <see cref="DisposeAsync"/> waits for a thread that hangs in the file system.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly IShardFileSystem _shard;
    private readonly SignalFileOptions _options;
    private readonly ILogger _logger;
    private readonly ModeBoard _board;
    private readonly NodePresence _presence;
    private readonly SignalPoller _poller;
    private readonly SemaphoreSlim _polling = new(1, 1);
    private readonly ManualResetEventSlim _wake = new();
    private readonly TaskCompletionSource _firstPoll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread? _thread;
    private int _stopping;

    /// <summary>Starts monitoring. The first poll may still be under way when this returns; until it is answered the node is strict.</summary>
    /// <param name="shard">The shard, seen from this node.</param>
    /// <param name="cache">Cleared whenever a lease ends.</param>
    /// <param name="options">How to poll; null for the defaults.</param>
    /// <param name="logger">Told of each change of mode or reason.</param>
    /// <exception cref="NotAShardException">There is no <c>.clusterhsm</c> here.</exception>
    /// <exception cref="ShardFormatException">The shard was made by a newer version.</exception>
    /// <exception cref="InvalidShardException">Its descriptor is damaged.</exception>
    /// <exception cref="HsmAccessDeniedException">Its descriptor may not be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public SignalFileLockMonitor(IShardFileSystem shard, InodeCache cache, SignalFileOptions? options = null, ILogger? logger = null)
        : this(shard, cache, options, logger, startThread: true)
    {
    }

    private SignalFileLockMonitor(IShardFileSystem shard, InodeCache cache, SignalFileOptions? options, ILogger? logger, bool startThread)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(cache);
        _shard = shard;
        _options = options ?? new SignalFileOptions();
        _options.Validate();
        _logger = logger ?? NullLogger.Instance;
        Descriptor = ShardDescriptor.Load(shard);
        _board = new ModeBoard(shard.Clock, cache, Descriptor.LeaseDuration, shard.Root, _logger) { Sender = this };
        _presence = new NodePresence(shard, Descriptor, NodeRole.Node, DescribeToOthers, _options.NodeName, _options.Random, _logger);
        SignalRequest request = Descriptor.EffectiveRequest(shard, _options.Request);
        if (request != _options.Request)
            _logger.QueriesNotProven(shard.Root, shard.Capabilities.FileSystemType);
        _poller = new SignalPoller(shard, Descriptor, _board, _presence, request);
        if (!startThread)
            return;
        _thread = new Thread(Run) { IsBackground = true, Name = "ClusterHsm signal monitor" };
        _thread.Start();
    }

    /// <summary>The same without the thread: polls only when <see cref="Poll"/> is called, so that a test or a simulation sets the pace.</summary>
    internal static SignalFileLockMonitor CreateStepped(
        IShardFileSystem shard, InodeCache cache, SignalFileOptions? options = null, ILogger? logger = null) =>
        new(shard, cache, options, logger, startThread: false);

    /// <summary>The shard's constants.</summary>
    public ShardDescriptor Descriptor { get; }

    /// <summary>Completes when the first poll has been answered, whatever the answer, or the monitor is disposed. Never fails.</summary>
    public Task FirstPoll => _firstPoll.Task;

    /// <summary>A description of this moment. Never blocks on the file system.</summary>
    public MonitorState State => _board.Describe(_presence.Id, _presence.Error);

    /// <summary>What the volumes of this node count, for others to see.</summary>
    internal NodeWork Work { get; } = new();

    /// <summary>
    /// Raised on the thread pool after the mode has changed, each change in its order, one at a time. The mode may have changed again
    /// meanwhile. Exceptions of a handler are logged and swallowed; a handler that blocks delays only later events.
    /// </summary>
    public event EventHandler<ModeChangedEventArgs>? ModeChanged
    {
        add => _board.ModeChanged += value;
        remove => _board.ModeChanged -= value;
    }

    /// <summary>Whether relaxed work begun in <paramref name="epoch"/> is allowed at this moment: the lease runs and the epoch is the present one.</summary>
    /// <remarks>
    /// Ask before an access, and again when its data is in the buffer (R6). Two volatile reads and one clock reading; no lock, no
    /// allocation, no system call.
    /// </remarks>
    /// <param name="epoch">The value of <see cref="InodeCache.Epoch"/> that was read before the stub mark was looked at.</param>
    public bool IsRelaxed(long epoch) => _board.IsRelaxed(epoch);

    /// <summary>What a <see cref="LockModePolicy"/> is asked with, at this moment. Allocates nothing.</summary>
    internal LockModeContext GetContext(FileIdentity file)
    {
        (LockMode mode, TimeSpan time) = _board.Now();
        return new LockModeContext { Allowed = mode, InModeFor = time, File = file };
    }

    /// <summary>Asks now, whatever the interval says, and returns when the answer has taken effect.</summary>
    /// <remarks>Blocks while another poll is under way, and for as long as the file system does. Does nothing after disposal.</remarks>
    public void Poll()
    {
        _polling.Wait();
        try
        {
            if (Volatile.Read(ref _stopping) != 0)
                return;
            _presence.Register();
            _poller.Poll();
            _presence.Report();
        }
        finally
        {
            _polling.Release();
            _firstPoll.TrySetResult();
        }
    }

    /// <summary>Completes once the node is in a mode; at once if it is.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The monitor was disposed before the mode came.</exception>
    public Task WaitForModeAsync(LockMode mode, CancellationToken cancellationToken = default) =>
        _board.WaitForModeAsync(mode, cancellationToken);

    /// <summary>
    /// Leaves relaxed mode, then gives quiesce back, then leaves the shard. Returns within a few seconds even if the file system
    /// hangs: the thread is then left behind, and other nodes wait for the end of this process or go on by the lease.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            await _left.Task.ConfigureAwait(false);
            return;
        }
        _board.Stop();
        _firstPoll.TrySetResult();
        if (_thread is null)
            LeaveShard();
        _wake.Set();
        try
        {
            // Real time: this is about the patience of a process that wants to end, not about a lease.
            await _left.Task.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.MonitorAbandoned(_shard.Root);
            _left.TrySetResult();
        }
        _board.Dispose();
    }

    private void Run()
    {
        using ITimer timer = _shard.Clock.CreateTimer(
            static wake => ((ManualResetEventSlim)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (Volatile.Read(ref _stopping) == 0)
        {
            _wake.Reset();
            Poll();
            timer.Change(_options.NextInterval(Descriptor.LeaseDuration), Timeout.InfiniteTimeSpan);
            if (Volatile.Read(ref _stopping) == 0)
                _wake.Wait();
        }
        LeaveShard();
    }

    private NodeReport DescribeToOthers()
    {
        MonitorState state = State;
        return new NodeReport(state.Mode) { Reason = state.Reason, Polls = state.Polls, Counters = Work.Read() };
    }

    private void LeaveShard()
    {
        _polling.Wait();
        try
        {
            _poller.Leave();
            _presence.Leave();
        }
        catch (Exception failure)
        {
            _logger.NoPresence(_shard.Root, failure.Message);
        }
        finally
        {
            _polling.Release();
            _left.TrySetResult();
        }
    }
}
