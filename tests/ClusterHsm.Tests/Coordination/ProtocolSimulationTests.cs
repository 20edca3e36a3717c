using ClusterHsm.Coordination;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

/// <summary>Random histories on hand-driven clocks. The seed names the history: run it again with it alone.</summary>
[TestFixture]
public sealed class ProtocolSimulationTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The promise itself: whenever a migrator may release a file, no node may serve anything from its cache. Nodes poll late, sleep,
    /// lose their locks, crash, and their clocks run wrong within the margin; migrators sleep, crash and overlap.
    /// </summary>
    [Test]
    public async Task R4_while_a_migrator_may_release_no_node_is_relaxed([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var bed = new TestBed();
        var nodes = new List<Actor>();
        for (int i = 0; i < 3; i++)
            nodes.Add(new Actor(NewNode(bed, i, random)));
        var migrators = new List<MigratorActor>();
        for (int i = 0; i < 2; i++)
            migrators.Add(new MigratorActor(NewMigrator(bed, i, random)));
        int released = 0, relaxed = 0;

        for (int step = 0; step < 3000; step++)
        {
            bed.Advance(Step.TotalSeconds);
            for (int i = 0; i < nodes.Count; i++)
            {
                Actor actor = nodes[i];
                if (random.Next(2000) == 0)
                {
                    actor.Node.Shard.Crash();
                    nodes[i] = new Actor(NewNode(bed, step + 10, random));
                    continue;
                }
                if (random.Next(400) == 0)
                    actor.Node.Shard.LoseLocks();
                if (--actor.StepsToPoll > 0)
                    continue;
                actor.Node.Monitor.Poll();
                actor.StepsToPoll = random.Next(12) == 0 ? random.Next(50, 500) : random.Next(25, 55);
            }
            for (int i = 0; i < migrators.Count; i++)
            {
                await migrators[i].StepAsync(bed, random);
                if (random.Next(3000) == 0)
                {
                    migrators[i].Shard.Crash();
                    migrators[i] = new MigratorActor(NewMigrator(bed, step + 10, random));
                }
            }
            relaxed += nodes.Count(actor => actor.Node.IsRelaxed);
            foreach (MigratorActor migrator in migrators)
            {
                if (migrator.Handover is not { } handover || migrator.Asleep > 0 || !handover.MayRelease())
                    continue;
                released++;
                nodes.Where(actor => actor.Node.IsRelaxed).Select(actor => actor.Node.Shard.Name).Should()
                    .BeEmpty($"seed {seed}, step {step}: a file may be released now");
            }
        }
        released.Should().BeGreaterThan(0, $"seed {seed} must show something");
        relaxed.Should().BeGreaterThan(0, $"seed {seed} must show something");
    }

    private static TestNode NewNode(TestBed bed, int number, Random random) =>
        bed.AddNode($"node{number}", new SignalFileOptions { Random = new Random(random.Next()) },
            // Within the margin: 3 s by a clock that is 3 % slow are 3.09 s by a right one, and 200 ms are allowed for.
            new InMemoryNodeOptions { ClockRate = 1 + (random.NextDouble() - 0.5) * 0.06 });

    private static InMemoryNode NewMigrator(TestBed bed, int number, Random random) =>
        bed.Cluster.AddNode($"migrator{number}", new InMemoryNodeOptions { ClockRate = 1 + (random.NextDouble() - 0.5) * 0.06 });

    private sealed class Actor(TestNode node)
    {
        public TestNode Node { get; } = node;

        public int StepsToPoll { get; set; }
    }

    private sealed class MigratorActor(InMemoryNode shard)
    {
        private Task<Handover>? _beginning;
        private int _stepsLeft = 30;

        public InMemoryNode Shard { get; } = shard;

        public Handover? Handover { get; private set; }

        public int Asleep { get; private set; }

        public async Task StepAsync(TestBed bed, Random random)
        {
            if (Asleep > 0)
            {
                Asleep--;
                return;
            }
            if (random.Next(300) == 0)
            {
                Asleep = random.Next(300);
                return;
            }
            if (Handover is not null)
            {
                if (Handover.EndedBecause is not null || --_stepsLeft <= 0)
                {
                    await Handover.DisposeAsync();
                    Handover = null;
                    _stepsLeft = random.Next(20, 200);
                }
                return;
            }
            if (_beginning is null)
            {
                if (--_stepsLeft > 0)
                    return;
                _beginning = Handover.BeginAsync(Shard, bed.Descriptor,
                    new HandoverOptions { Random = new Random(random.Next()), QuiesceTimeout = TimeSpan.FromSeconds(8), ProceedOnLeaseAlone = random.Next(2) == 0 },
                    default).AsTask();
            }
            if (!_beginning.IsCompleted)
                return;
            Task<Handover> begun = _beginning;
            _beginning = null;
            _stepsLeft = random.Next(20, 200);
            if (begun.IsCompletedSuccessfully)
                Handover = await begun;
            else
                begun.Exception!.InnerException.Should().Match(failure => failure is HsmException || failure is NodeCrashedException);
        }
    }
}
