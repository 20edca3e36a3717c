using ClusterHsm.Coordination;

namespace ClusterHsm.Simulation;

/// <summary>The threads of a node: one polls, others read and write through the library.</summary>
internal static class NodeActors
{
    public static async Task PollAsync(Actor actor, Work work)
    {
        SimulatedProcess process = actor.Process!;
        while (!work.IsOver && !process.IsDead)
        {
            process.Monitor!.Poll();
            double late = work.World.HasLateTimers && work.Random.Next(6) == 0 ? 12 * work.Random.NextDouble() : 0;
            await Task.Delay(TimeSpan.FromSeconds(0.9 + 0.2 * work.Random.NextDouble() + late), process.Clock).ConfigureAwait(false);
        }
    }

    public static async Task ReadAsync(Actor actor, Work work)
    {
        SimulatedProcess process = actor.Process!;
        await using HsmVolume volume = NewVolume(process);
        while (!work.IsOver && !process.IsDead)
        {
            await work.PauseAsync(process, work.World.Idle).ConfigureAwait(false);
            await work.TryAsync(actor, () => ReadSomeAsync(actor, work, volume)).ConfigureAwait(false);
        }
        work.Tally.Recalled += volume.Counters.Recalls;
    }

    public static async Task WriteAsync(Actor actor, Work work)
    {
        SimulatedProcess process = actor.Process!;
        await using HsmVolume volume = NewVolume(process);
        while (!work.IsOver && !process.IsDead)
        {
            await work.PauseAsync(process, 10).ConfigureAwait(false);
            int file = work.Random.Next(work.Judge.Files);
            if (!work.Judge.TryOwn(file, actor))
                continue;
            await work.TryAsync(actor, () => WriteSomeAsync(actor, work, volume, file)).ConfigureAwait(false);
            work.Judge.Disown(file);
        }
        work.Tally.Recalled += volume.Counters.Recalls;
    }

    /// <summary>A volume of its own for each actor, over the node's one monitor and cache.</summary>
    private static HsmVolume NewVolume(SimulatedProcess process) =>
        new(process.Shard, process.Cache, process.Monitor!, LockModePolicy.Default, process.Store, new HsmVolumeOptions { LockTimeout = TimeSpan.FromSeconds(20) });

    private static async Task ReadSomeAsync(Actor actor, Work work, HsmVolume volume)
    {
        int number = work.Random.Next(work.Judge.Files);
        StubAccess access = work.Random.NextDouble() < work.World.ReadThrough ? StubAccess.ReadThrough : StubAccess.Recall;
        await using HsmFile file = await volume.OpenFileAsync(Judge.Path(number), new HsmOpenOptions { StubAccess = access }).ConfigureAwait(false);
        byte[] bytes = new byte[Judge.BlockLength];
        for (int i = work.Random.Next(0, work.World.ReadsInARow + 1); i > 0 && !work.IsOver; i--)
        {
            int block = work.Random.Next(Judge.Blocks);
            int floor = work.Judge.Floor(number, block);
            bool isRelaxed = file.Mode == LockMode.Relaxed;
            int read = await file.ReadAsync(bytes, block * Judge.BlockLength).ConfigureAwait(false);
            if (work.Judge.Check(number, block, floor, bytes.AsSpan(0, read)) is { } wrong)
                throw work.Scheduler.Fail($"{actor.Name} read what it may not ({(isRelaxed ? "relaxed" : "strict")}): {wrong}");
            if (isRelaxed)
                work.Tally.RelaxedReads++;
            else
                work.Tally.StrictReads++;
            if (work.Random.Next(3) > 0)
                await work.PauseAsync(actor.Process!, work.World.Linger).ConfigureAwait(false);
        }
    }

    private static async Task WriteSomeAsync(Actor actor, Work work, HsmVolume volume, int number)
    {
        await using HsmFile file = await volume.OpenFileAsync(Judge.Path(number), new HsmOpenOptions { Access = FileAccess.ReadWrite }).ConfigureAwait(false);
        for (int i = work.Random.Next(1, 4); i > 0 && !work.IsOver; i--)
        {
            int block = work.Random.Next(Judge.Blocks);
            byte[] bytes = work.Judge.Next(number, block, out int version);
            await file.WriteAsync(bytes, block * Judge.BlockLength).ConfigureAwait(false);
            work.Judge.Acknowledge(number, block, version);
            work.Tally.Writes++;
            work.Note(actor.Name, $"wrote version {version} of block {block}");
            if (work.Random.Next(3) == 0)
                await work.PauseAsync(actor.Process!, 4).ConfigureAwait(false);
        }
    }
}
