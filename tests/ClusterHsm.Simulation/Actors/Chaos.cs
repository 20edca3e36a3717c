namespace ClusterHsm.Simulation;

/// <summary>Makes the faults, as far as the world of this history has them.</summary>
/// <remarks>
/// What the protocol takes for given is kept: the locks of a process are taken away only when nothing was heard of it for longer than a
/// lease (R11), the quiesce lock of a node at any time (a fail-over). And no process that is about to change a file loses its locks at
/// that very point: between the last look at a lock and the change there is no defence without a server that fences, so none is claimed.
/// </remarks>
internal sealed class Chaos(Work work, TimeSpan lease, Func<SimulatedProcess, SimulatedProcess?> restart)
{
    public async Task RunAsync(SimulatedClock clock, TimeSpan horizon)
    {
        while (work.Scheduler.Now < horizon.Ticks)
        {
            double calm = work.World.MeanCalm.TotalSeconds * 2 * work.Random.NextDouble();
            await Task.Delay(TimeSpan.FromSeconds(0.1 + calm), clock).ConfigureAwait(false);
            Strike();
        }
        work.Scheduler.FaultsAreOver = true;
    }

    private void Strike()
    {
        List<SimulatedProcess> living = [.. work.Scheduler.Processes.Where(p => !p.IsDead && p.PausedUntil <= work.Scheduler.Now)];
        if (living.Count == 0)
            return;
        SimulatedProcess process = living[work.Random.Next(living.Count)];
        switch (work.Random.Next(8))
        {
            case 0 or 1 or 2:
                Stop(process);
                break;
            case 3 when work.World.HasCrashes:
                work.Note("chaos", $"{process.Name} crashes");
                work.Tally.Crashes++;
                process.Node.Crash();
                restart(process);
                break;
            case 4 or 5 when work.World.Holds == Assumption.Clocks && process.Monitor is not null:
                work.Note("chaos", $"{process.Name} loses its quiesce lock");
                work.Tally.LostLocks++;
                process.LoseQuiesce();
                break;
            case 6 when work.World.HasLockErrors:
                work.Note("chaos", $"lock calls of {process.Name} fail");
                process.LockErrorsUntil = work.Scheduler.Now + work.Scheduler.PauseLength();
                break;
        }
    }

    private void Stop(SimulatedProcess process)
    {
        long now = work.Scheduler.Now;
        process.PausedUntil = now + work.Scheduler.PauseLength();
        work.Tally.Pauses++;
        bool losesLocks = false;
        if (work.World.Holds == Assumption.Clocks && work.Random.Next(3) > 0 && !work.Scheduler.IsChanging(process))
        {
            // By any clock of this world longer than a lease.
            process.LosesLocksAt = now + (long)(lease.Ticks * 1.1);
            losesLocks = process.PausedUntil > process.LosesLocksAt;
            if (!losesLocks)
                process.LosesLocksAt = long.MaxValue;
            else
                work.Tally.LostLocks++;
        }
        work.Note("chaos", $"{process.Name} is stopped until {process.PausedUntil / (double)TimeSpan.TicksPerSecond:0.000}{(losesLocks ? " and loses its locks" : "")}");
    }
}
