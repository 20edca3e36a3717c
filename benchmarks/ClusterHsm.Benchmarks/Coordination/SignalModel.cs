namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>Handover after handover in a cluster of simulated nodes, in virtual time.</summary>
internal static class SignalModel
{
    /// <summary>Plays so many handovers.</summary>
    public static SignalFigures Play(SignalSetting setting, int handovers)
    {
        VirtualTime time = new();
        LockServer server = new();
        SignalFigures figures = new();
        for (int i = 0; i < setting.Nodes; i++)
            time.Add(new SimulatedNode(time, server, setting).Live());

        // All nodes are relaxed after two polls. Then a while in which nobody disturbs them.
        TimeSpan calm = (setting.Options.PollInterval + setting.PollDuration) * 3;
        Pass(time, calm);
        (long calls, long since) = (server.Calls, time.Now);
        Pass(time, TimeSpan.FromSeconds(10));
        figures.LockCallsPerSecond = (server.Calls - calls) / TimeSpan.FromTicks(time.Now - since).TotalSeconds;

        for (int i = 0; i < handovers; i++)
        {
            SimulatedMigrator migrator = new(time, server, setting);
            time.Add(migrator.HandOver());
            time.RunUntil(() => migrator.IsOver);
            if (migrator.Done is { } done)
                figures.Handovers.Add((TimeSpan.FromTicks(done.Signal), TimeSpan.FromTicks(done.Whole)));
            else
                figures.Starved++;
            Pass(time, calm * (1 + setting.Options.Random.NextDouble()));
        }
        return figures;
    }

    private static void Pass(VirtualTime time, TimeSpan span)
    {
        bool isOver = false;
        time.Add(Alarm());
        time.RunUntil(() => isOver);

        IEnumerable<long> Alarm()
        {
            yield return span.Ticks;
            isOver = true;
        }
    }
}
