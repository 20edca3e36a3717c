using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.Simulation;

/// <summary>A process that archives, releases and recalls, as the command does, without having joined as a node.</summary>
internal static class MigratorActor
{
    public static async Task MigrateAsync(Actor actor, Work work)
    {
        SimulatedProcess process = actor.Process!;
        while (!work.IsOver && !process.IsDead)
        {
            await work.PauseAsync(process, work.World.Rest).ConfigureAwait(false);
            await work.TryAsync(actor, () => MigrateSomeAsync(actor, work)).ConfigureAwait(false);
        }
    }

    private static async Task MigrateSomeAsync(Actor actor, Work work)
    {
        Random random = work.Random;
        MigrationContext context = actor.Process!.Migration;
        int first = random.Next(work.Judge.Files);
        string[] paths = [.. Enumerable.Range(first, random.Next(1, work.Judge.Files - first + 1)).Select(Judge.Path)];
        MigrationOptions options = new()
        {
            Jobs = 1,
            SettleTime = TimeSpan.FromMilliseconds(random.Next(20, 300)),
            Handover = new HandoverOptions
            {
                Random = random,
                QuiesceTimeout = TimeSpan.FromSeconds(0.5 + 5 * random.NextDouble()),
                ProceedOnLeaseAlone = work.World.GoesOnByLease,
            },
        };
        OutcomeTally tally = new(null);
        try
        {
            switch (random.NextDouble() < work.World.RecallShare ? 0 : random.Next(1, 7))
            {
                case 0:
                    if (await new Recaller(context).RecallAsync(paths[0], new RecallPlaces(1), CancellationToken.None).ConfigureAwait(false) > 0)
                        work.Tally.Recalled++;
                    break;
                case 1:
                    await new Archiver(context, options, tally, thenReleased: false).ArchiveAsync(paths, CancellationToken.None).ConfigureAwait(false);
                    break;
                case 2:
                    await new Releaser(context, options, tally)
                        .ReleaseAsync(paths.Select(path => new ReleaseCandidate(path, default, null)), CancellationToken.None).ConfigureAwait(false);
                    break;
                default:
                    IReadOnlyList<ReleaseCandidate> ready = await new Archiver(context, options, tally, thenReleased: true)
                        .ArchiveAsync(paths, CancellationToken.None).ConfigureAwait(false);
                    await new Releaser(context, options, tally).ReleaseAsync(ready, CancellationToken.None).ConfigureAwait(false);
                    break;
            }
        }
        finally
        {
            MigrationSummary summary = tally.Summary;
            work.Tally.Archived += summary.Archived;
            work.Tally.Released += summary.Released;
            work.Tally.Errors += summary.Failed;
            foreach (FileOutcome failure in summary.Failures)
                work.Note(actor.Name, "failed:", failure.Reason);
        }
    }
}
