using ClusterHsm.FileSystem;

namespace ClusterHsm.Simulation;

/// <summary>What all actors of a history share, and how they wait and fail.</summary>
internal sealed class Work(Scheduler scheduler, Judge judge, World world, Random random, History history)
{
    public Scheduler Scheduler { get; } = scheduler;

    public Judge Judge { get; } = judge;

    public World World { get; } = world;

    public Random Random { get; } = random;

    public Tally Tally { get; } = new();

    public bool IsOver => Scheduler.FaultsAreOver;

    /// <summary>Sleeps by the process's own clock.</summary>
    public Task PauseAsync(SimulatedProcess process, double mostSeconds) =>
        Task.Delay(TimeSpan.FromSeconds(0.1 + mostSeconds * Random.NextDouble()), process.Clock);

    /// <param name="actor">Who.</param>
    /// <param name="what">What it did; the same whenever this seed is played.</param>
    /// <param name="detail">May name things that are new each time, such as an object.</param>
    public void Note(string actor, string what, string? detail = null) => history.Note(Scheduler.Now, actor, what, detail);

    /// <summary>Runs what may fail with an error that is told: that is no broken promise.</summary>
    public async Task TryAsync(Actor actor, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HsmException or ShardIOException)
        {
            Tally.Errors++;
            Note(actor.Name, "failed:", e.Message);
        }
    }
}

/// <summary>What happened, so that a history that shows nothing is seen for what it is.</summary>
internal sealed class Tally
{
    public long RelaxedReads { get; set; }

    public long StrictReads { get; set; }

    public long Writes { get; set; }

    public long Archived { get; set; }

    public long Released { get; set; }

    public long Recalled { get; set; }

    public long Errors { get; set; }

    public long Crashes { get; set; }

    public long LostLocks { get; set; }

    public long Pauses { get; set; }

    public void Add(Tally other)
    {
        RelaxedReads += other.RelaxedReads;
        StrictReads += other.StrictReads;
        Writes += other.Writes;
        Archived += other.Archived;
        Released += other.Released;
        Recalled += other.Recalled;
        Errors += other.Errors;
        Crashes += other.Crashes;
        LostLocks += other.LostLocks;
        Pauses += other.Pauses;
    }

    public override string ToString() =>
        $"{RelaxedReads} relaxed and {StrictReads} strict reads, {Writes} writes, {Archived} archived, {Released} released, {Recalled} recalled, "
        + $"{Errors} errors, {Pauses} pauses, {LostLocks} lost locks, {Crashes} crashes";
}
