using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>
/// The same as <see cref="SignalModel"/> with the library's own monitors and handovers on a shard in memory: each look at signal and
/// quiesce and each lock call takes a round trip. A thread for each node, so for few nodes only.
/// </summary>
internal static class SignalRehearsal
{
    /// <summary>Plays so many handovers.</summary>
    public static SignalFigures Play(SignalSetting setting, int handovers)
    {
        InMemoryCluster cluster = new();
        ShardDescriptor descriptor = new()
        {
            ShardId = Guid.NewGuid(),
            StoreLocation = new Uri("file:///store"),
            StoreId = Guid.NewGuid(),
            LeaseDuration = setting.Lease,
            ClockDriftMargin = setting.Margin,
        };
        ShardDescriptor.Initialize(cluster.AddNode("init"), descriptor);
        SignalFigures figures = new();
        long calls = 0;
        using TurnTaking turns = new(cluster);

        for (int i = 0; i < setting.Nodes; i++)
        {
            InMemoryNode node = cluster.AddNode($"node{i}");
            turns.Add(sleep =>
            {
                node.BeforeOperation = OneTrip(sleep);
                sleep(setting.Options.PollInterval * setting.Options.Random.NextDouble());
                InodeCache cache = new(16);
                SignalFileLockMonitor monitor = SignalFileLockMonitor.CreateStepped(node, cache, setting.Options);
                while (!turns.IsOver)
                {
                    monitor.Poll();
                    sleep(setting.Options.NextInterval(setting.Lease));
                }
                node.BeforeOperation = null;
                monitor.DisposeAsync().AsTask().Wait();
            });
        }

        bool isOver = false;
        TimeSpan calm = (setting.Options.PollInterval + setting.PollDuration) * 3;
        InMemoryNode place = cluster.AddNode("migrator");
        turns.Add(sleep =>
        {
            SleepingClock clock = new(place.Clock);
            place.BeforeOperation = OneTrip(sleep);
            using ShardWithClock shard = new(place, clock);
            HandoverOptions options = setting.Handover with { Random = setting.Options.Random };
            sleep(calm);
            (long before, long since) = (calls, clock.GetTimestamp());
            sleep(TimeSpan.FromSeconds(10));
            figures.LockCallsPerSecond = (calls - before) / clock.GetElapsedTime(since).TotalSeconds;
            for (int i = 0; i < handovers; i++)
            {
                long begunAt = clock.GetTimestamp();
                Task<Handover> handover = Handover.BeginAsync(shard, descriptor, options, CancellationToken.None).AsTask();
                clock.See(handover, sleep);
                TimeSpan whole = clock.GetElapsedTime(begunAt);
                if (handover.IsCompletedSuccessfully)
                {
                    figures.Handovers.Add((default, whole));
                    handover.Result.DisposeAsync().AsTask().Wait();
                }
                else if (handover.Exception!.InnerException is HandoverTimeoutException)
                {
                    figures.Starved++;
                }
                else
                {
                    handover.GetAwaiter().GetResult();
                }
                sleep(calm * (1 + setting.Options.Random.NextDouble()));
            }
            isOver = true;
        });
        turns.RunUntil(() => isOver);
        return figures;

        Action<ShardOperationInfo> OneTrip(Action<TimeSpan> sleep) => call =>
        {
            if (call.Path is not (ControlFolder.SignalPath or ControlFolder.QuiescePath))
                return;
            bool isLock = call.Operation is ShardOperation.Lock or ShardOperation.Unlock or ShardOperation.QueryLock;
            if (!isLock && call.Operation != ShardOperation.GetInfo)
                return;
            calls += isLock ? 1 : 0;
            sleep(setting.RoundTrip);
        };
    }
}
