using ClusterHsm.Telemetry;

namespace ClusterHsm;

// The end of a volume: relaxed mode first, then the accesses, then the parts.
public sealed partial class HsmVolume
{
    private int _isClosed;

    /// <summary>
    /// Leaves relaxed mode, refuses new accesses with <see cref="ObjectDisposedException"/>, waits until the files that are open are
    /// closed and the calls that run have ended, and leaves the shard. What is under way goes on in strict mode meanwhile.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, and nothing else: the volume is closed nevertheless.</param>
    /// <returns>Whether all had ended.</returns>
    public async Task<bool> CloseAsync(CancellationToken cancellationToken = default)
    {
        _context.IsClosing = true;
        if (_owned is not null)
            await _owned.LeaveAsync().ConfigureAwait(false);
        try
        {
            await _context.Accesses.WaitForNoneAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        bool all = _context.Accesses.Now <= 0;
        await DisposeAsync().ConfigureAwait(false);
        return all;
    }

    /// <summary>Leaves the shard at once. Parts that were given to the constructor stay open.</summary>
    public ValueTask DisposeAsync()
    {
        _context.IsClosing = true;
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            ObservedVolumes.Remove(_context);
            _context.Monitor?.Work.Remove(_context.CountersForOthers);
            long accesses = _context.Accesses.Now;
            if (accesses > 0)
                _context.Logger.VolumeClosedInUse(Root, accesses);
            else
                _context.Logger.VolumeClosed(Root);
        }
        return _owned?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
