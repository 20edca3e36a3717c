using ClusterHsm.Coordination;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>A node as <c>SignalPoller</c> and <c>SignalFileLockMonitor</c> have it: what it asks the server, in which order and how often.</summary>
internal sealed class SimulatedNode(VirtualTime time, LockServer server, SignalSetting setting)
{
    private readonly long _trip = setting.RoundTrip.Ticks;

    private bool _holdsQuiesce;
    private long _quiesceTakenAt;

    public IEnumerable<long> Live()
    {
        yield return (long)(setting.Options.Random.NextDouble() * setting.Options.PollInterval.Ticks);
        while (true)
        {
            // Both names are looked at, then the request is half a round trip under way. What is done at the server is done on arrival.
            yield return (2 * _trip) + (_trip / 2);
            bool isFree = setting.Options.Request == SignalRequest.Query ? server.Signal.Query() : server.Signal.TryShare();
            if (isFree && setting.Options.Request == SignalRequest.LockAndUnlock)
            {
                yield return _trip;
                server.Signal.Unshare();
            }
            if (!isFree && _holdsQuiesce)
            {
                yield return _trip;
                server.Quiesce.Unshare();
                _holdsQuiesce = false;
            }
            else if (isFree && (!_holdsQuiesce || time.Now - _quiesceTakenAt >= setting.Lease.Ticks))
            {
                long takenAt = time.Now + (_trip / 2);
                yield return _trip;
                if (_holdsQuiesce)
                    server.Quiesce.Renew();
                else
                    _holdsQuiesce = server.Quiesce.TryShare();
                _quiesceTakenAt = takenAt;
            }
            yield return (_trip / 2) + setting.Options.NextInterval(setting.Lease).Ticks;
        }
    }
}
