using ClusterHsm.Coordination;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.Hosting;

/// <summary>One named volume, open or not.</summary>
/// <remarks>Opened and closed by one caller at a time; read by any.</remarks>
internal sealed class VolumeSlot(string name, VolumeSettings settings, ILoggerFactory loggers)
{
    private HsmVolume? _volume;
    private readonly Lock _gate = new();
    private Exception? _failure;
    private Task? _look;

    public string Name => name;

    public VolumeSettings Settings => settings;

    /// <summary>Null while it is not open.</summary>
    public HsmVolume? Volume => Volatile.Read(ref _volume);

    /// <summary>Why the last attempt to open it failed; null if it did not.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <exception cref="HsmException">It cannot be opened; <see cref="Failure"/> is the same.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        HsmVolumeOptions options = new()
        {
            CacheCapacity = settings.CacheCapacity,
            JoinAsNode = settings.JoinAsNode,
            LockTimeout = settings.LockTimeout,
            LoggerFactory = loggers,
            MaxConcurrentRecalls = settings.MaxConcurrentRecalls,
            Policy = settings.EffectivePolicy,
            ReadThroughWithoutWritePermission = settings.ReadThroughWithoutWritePermission,
            Signal = new SignalFileOptions { NodeName = settings.NodeName, PollInterval = settings.PollInterval, Request = settings.SignalRequest },
        };
        try
        {
            // Off the caller's thread: the shard's calls block, on a dead mount for minutes.
            Task<HsmVolume> opening = Task.Run(() => HsmVolume.OpenAsync(settings.Root!, options, cancellationToken).AsTask(), CancellationToken.None);
            try
            {
                Volatile.Write(ref _volume, await opening.WaitAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                _ = CloseLateAsync(opening);
                throw;
            }
            Volatile.Write(ref _failure, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Volatile.Write(ref _failure, e);
            throw;
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _volume, null) is { } volume)
            await volume.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a look at the shard on another thread, unless one is still under way: then that.</summary>
    public Task LookOnce(Action look)
    {
        lock (_gate)
            return _look is { IsCompleted: false } ? _look : _look = Task.Run(look);
    }

    private static async Task CloseLateAsync(Task<HsmVolume> opening)
    {
        try
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nobody waits for it any more.
        }
    }
}
