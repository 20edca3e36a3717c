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
        Fault fault = work.Random.Next(2) == 0 ? work.World.Favourite : (Fault)work.Random.Next(5);
        bool mayLoseLocks = work.World.Holds == Assumption.Clocks;
        switch (fault)
        {
            case Fault.Stop:
                Stop(process, work.Scheduler.PauseLength(0.02));
                break;
            case Fault.Silence when mayLoseLocks && !work.Scheduler.IsChanging(process):
                Silence(process);
                break;
            case Fault.Crash when work.World.HasCrashes:
                work.Note("chaos", $"{process.Name} crashes");
                work.Tally.Crashes++;
                process.Node.Crash();
                restart(process);
                break;
            case Fault.LostQuiesce when mayLoseLocks && process.Monitor is not null:
                work.Note("chaos", $"{process.Name} loses its quiesce lock");
                work.Tally.LostLocks++;
                process.LoseQuiesce();
                break;
            case Fault.LockErrors when work.World.HasLockErrors:
                work.Note("chaos", $"lock calls of {process.Name} fail");
                process.LockErrorsUntil = work.Scheduler.Now + work.Scheduler.PauseLength(1);
                break;
        }
    }

    private void Stop(SimulatedProcess process, long length)
    {
        process.PausedUntil = work.Scheduler.Now + length;
        process.AlarmsHeldUntil = process.PausedUntil + work.Random.Next(2) * (long)(TimeSpan.TicksPerSecond * work.Random.NextDouble());
        work.Tally.Pauses++;
        work.Note("chaos", $"{process.Name} is stopped for {length / (double)TimeSpan.TicksPerSecond:0.000} s");
    }

    /// <summary>Stopped, or cut off, for so long that the server takes its locks: by any clock of this world longer than a lease.</summary>
    private void Silence(SimulatedProcess process)
    {
        long patience = (long)(lease.Ticks * 1.1);
        Stop(process, patience + work.Scheduler.PauseLength(0.2));
        process.LosesLocksAt = work.Scheduler.Now + patience;
        work.Tally.LostLocks++;
        work.Note("chaos", $"{process.Name} loses its locks meanwhile");
    }
}
