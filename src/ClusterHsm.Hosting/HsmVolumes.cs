using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ClusterHsm.Hosting;

/// <summary>Opens the volumes before any other service starts, and closes them after all others have stopped.</summary>
/// <remarks>
/// So a service finds them open for all of its life, and is never cut off by their end; what still runs then is waited for within the
/// host's shutdown timeout.
/// </remarks>
internal sealed class HsmVolumes(
    IOptions<ClusterHsmOptions> options, ILoggerFactory loggers, ILogger<HsmVolumes> logger, TimeProvider? clock = null)
    : IHsmVolumes, IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Dictionary<string, VolumeSlot>? _slots;
    private Task _retries = Task.CompletedTask;
    private int _isClosed;

    public IReadOnlyCollection<string> Names => Slots.Keys;

    public HsmVolume this[string name] => SlotOf(name) is { Volume: { } volume } ? volume : throw NotOpen(SlotOf(name));

    /// <summary>Null if no volume has the name.</summary>
    public VolumeSlot? FindSlot(string name) => Slots.GetValueOrDefault(name);

    public IEnumerable<VolumeSlot> AllSlots => Slots.Values;

    public bool TryGet(string name, [NotNullWhen(true)] out HsmVolume? volume)
    {
        volume = SlotOf(name).Volume;
        return volume is not null;
    }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        List<Task> retries = [];
        foreach (VolumeSlot slot in Slots.Values)
        {
            try
            {
                await slot.OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (slot.Settings.Required)
                {
                    await CloseAllAsync(CancellationToken.None).ConfigureAwait(false);
                    throw new VolumeNotOpenException($"{Setting(slot)}: {e.Message} " +
                        $"Or set {VolumeNames.PathOf(slot.Name, nameof(VolumeSettings.Required))} to false, to start without it.", e);
                }
                logger.VolumeNotOpen(slot.Name, slot.Settings.RetryInterval, e.Message);
                retries.Add(RetryAsync(slot));
            }
        }
        _retries = Task.WhenAll(retries);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => CloseAllAsync(cancellationToken);

    /// <summary>For a host that was never stopped: closes what is open, and waits for nobody.</summary>
    public async ValueTask DisposeAsync() => await CloseAllAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private Dictionary<string, VolumeSlot> Slots
    {
        get
        {
            lock (_gate)
            {
                return _slots ??= options.Value.Volumes.ToDictionary(
                    static one => one.Key, one => new VolumeSlot(one.Key, one.Value, loggers), StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    private VolumeSlot SlotOf(string name) => FindSlot(name) ?? throw new KeyNotFoundException(
        $"There is no volume '{name}'; there are {string.Join(", ", Names)}. Set {VolumeNames.PathOf(name, nameof(VolumeSettings.Root))}.");

    private static VolumeNotOpenException NotOpen(VolumeSlot slot) => slot.Failure is { } failure
        ? new VolumeNotOpenException($"{Setting(slot)}: {failure.Message} It is tried again every {slot.Settings.RetryInterval}.", failure)
        : new VolumeNotOpenException($"{Setting(slot)}: it is not open. Volumes are open from the start of the host to its stop.");

    private static string Setting(VolumeSlot slot) => $"{VolumeNames.PathOf(slot.Name, nameof(VolumeSettings.Root))} = '{slot.Settings.Root}'";

    private async Task RetryAsync(VolumeSlot slot)
    {
        try
        {
            while (true)
            {
                await Task.Delay(slot.Settings.RetryInterval, _clock, _stop.Token).ConfigureAwait(false);
                try
                {
                    await slot.OpenAsync(_stop.Token).ConfigureAwait(false);
                    logger.VolumeOpenAtLast(slot.Name);
                    return;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // Told of once, and by the health check for as long as it lasts.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _retries.ConfigureAwait(false);
        if (_slots is not null)
            await Task.WhenAll(_slots.Values.Select(slot => slot.CloseAsync(cancellationToken))).ConfigureAwait(false);
        _stop.Dispose();
    }
}
