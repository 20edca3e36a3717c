namespace ClusterHsm.SecondaryStorage;

/// <summary>Makes many commits durable with one barrier.</summary>
/// <remarks>
/// <para>A kernel tells of a failed write once, and forgets the data: asking again after a failure would say that all is well
/// ("fsyncgate", see Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020). Nobody knows whose object it
/// was either. So one failed barrier is final: from then on every flush and every deferred commit fails, until the store is opened
/// anew and what was not known to be durable has been archived again.</para>
/// <para>Thread-safe. Callers that arrive while a barrier runs share the next one.</para>
/// </remarks>
internal sealed class DeferredCommits(StoreDisk disk, DirectoryStoreLayout layout) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _opening = new();
    private StoreBarrier? _barrier;
    private bool _opened, _disposed;
    private long _committed, _durable;
    private StoreDiskException? _failure;

    /// <summary>Must be called before the first byte of an object is written: a barrier tells only of what fails after it was opened.</summary>
    public void Prepare()
    {
        if (Volatile.Read(ref _opened))
            return;
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(DirectoryStore));
            if (_opened)
                return;
            _barrier = disk.OpenBarrier(layout.Temporary);
            Volatile.Write(ref _opened, true);
        }
    }

    /// <summary>Whether a commit can be left to the next barrier. If not, it must be made durable by itself.</summary>
    /// <exception cref="StoreUnavailableException">A barrier has failed.</exception>
    public bool CanDefer()
    {
        ThrowIfFailed();
        return _barrier is not null;
    }

    /// <summary>An object has its name, and waits for the next barrier.</summary>
    public void Add() => Interlocked.Increment(ref _committed);

    /// <summary>Returns when everything that was added before the call is durable.</summary>
    /// <exception cref="StoreUnavailableException">This barrier or one before it has failed.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        long wanted = Interlocked.Read(ref _committed);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task barrier;
        try
        {
            ThrowIfFailed();
            barrier = _durable >= wanted ? Task.CompletedTask : Task.Run(FlushNow, CancellationToken.None);
        }
        catch
        {
            _gate.Release();
            throw;
        }
        // The barrier itself is not cancelled: its answer, good or bad, comes only once. A caller need not wait for it, though.
        _ = barrier.ContinueWith(_ => _gate.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await barrier.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the barrier's use; neither flushes nor waits for a flush that hangs in the kernel.</summary>
    public void Dispose()
    {
        lock (_opening)
        {
            _disposed = true;
            _opened = false;
            _barrier?.Dispose();
            _barrier = null;
        }
    }

    private void FlushNow()
    {
        long reached = Interlocked.Read(ref _committed);
        StoreBarrier barrier = _barrier ?? throw new ObjectDisposedException(nameof(DirectoryStore));
        try
        {
            barrier.Flush();
            _durable = reached;
        }
        catch (StoreDiskException exception)
        {
            Volatile.Write(ref _failure, exception);
            ThrowIfFailed();
        }
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw new StoreUnavailableException(
                layout.Root,
                $"objects that were written could not be made durable ({failure.Reason}), and it cannot be known which",
                "Check the store's disk and its free space, open the store anew and archive again what was not reported as archived",
                failure);
        }
    }
}
