using ClusterHsm.Coordination;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClusterHsm.Hosting;

/// <summary>
/// Healthy: relaxed, or strict for a short time. Degraded: strict for too long. Unhealthy: not open, its control files gone or not
/// readable, or the file system has not answered for too long.
/// </summary>
internal sealed class VolumeHealthCheck(HsmVolumes volumes, ClusterHsmHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = [];
        List<string> words = [];
        HealthStatus worst = HealthStatus.Healthy;
        foreach (string name in options.Volumes.Count > 0 ? options.Volumes : (IEnumerable<string>)volumes.Names)
        {
            (HealthStatus status, string? why) = volumes.FindSlot(name) is { } slot
                ? await JudgeAsync(slot, data, cancellationToken).ConfigureAwait(false)
                : (HealthStatus.Unhealthy, $"there is no such volume; set {VolumeNames.PathOf(name, nameof(VolumeSettings.Root))}");
            // HealthStatus counts down: Unhealthy is 0.
            worst = status < worst ? status : worst;
            if (why is not null)
                words.Add($"{name}: {why}");
        }
        if (worst == HealthStatus.Unhealthy)
            worst = context.Registration.FailureStatus;
        return new HealthCheckResult(worst, words.Count > 0 ? string.Join("; ", words) : null, data: data);
    }

    private async ValueTask<(HealthStatus Status, string? Why)> JudgeAsync(
        VolumeSlot slot, Dictionary<string, object> data, CancellationToken cancellationToken)
    {
        if (slot.Volume is not { } volume)
        {
            string why = slot.Failure?.Message ?? "it is not open";
            data[$"{slot.Name}.lastError"] = why;
            return (HealthStatus.Unhealthy, why);
        }
        if (volume.Monitor is not { } monitor)
            return await LookAsync(slot, volume, data, cancellationToken).ConfigureAwait(false);

        MonitorState state = monitor.State;
        data[$"{slot.Name}.mode"] = state.Mode.ToString();
        data[$"{slot.Name}.reason"] = state.Reason.ToString();
        data[$"{slot.Name}.epoch"] = state.Epoch;
        data[$"{slot.Name}.timeInMode"] = state.TimeInMode;
        data[$"{slot.Name}.leaseRemaining"] = state.LeaseRemaining;
        if (state.LastError is { } error)
            data[$"{slot.Name}.lastError"] = error;
        return Judge(state, options.StrictForTooLong);
    }

    internal static (HealthStatus Status, string? Why) Judge(MonitorState state, TimeSpan strictForTooLong)
    {
        if (state.Mode == LockMode.Relaxed)
            return (HealthStatus.Healthy, null);
        string why = $"strict for {state.TimeInMode.TotalSeconds:0} s: {state.Explanation}";
        bool isTooLong = state.TimeInMode > strictForTooLong;
        return state.Reason switch
        {
            ModeReason.SignalMissing or ModeReason.SignalUnreadable or ModeReason.Stopped => (HealthStatus.Unhealthy, why),
            ModeReason.LockFailed or ModeReason.LeaseRanOut or ModeReason.Starting when isTooLong => (HealthStatus.Unhealthy, why),
            _ => (isTooLong ? HealthStatus.Degraded : HealthStatus.Healthy, why),
        };
    }

    /// <summary>A volume that has not joined the cluster has nobody who asks all the time: it is looked at now.</summary>
    private static async ValueTask<(HealthStatus Status, string? Why)> LookAsync(
        VolumeSlot slot, HsmVolume volume, Dictionary<string, object> data, CancellationToken cancellationToken)
    {
        data[$"{slot.Name}.mode"] = nameof(LockMode.Strict);
        try
        {
            // On another thread, and one only: on a dead mount it hangs.
            await slot.LookOnce(() => volume.GetStatus(ControlFolder.DescriptorPath)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return (HealthStatus.Healthy, null);
        }
        catch (HsmException e)
        {
            data[$"{slot.Name}.lastError"] = e.Message;
            return (HealthStatus.Unhealthy, e.Message);
        }
    }
}
