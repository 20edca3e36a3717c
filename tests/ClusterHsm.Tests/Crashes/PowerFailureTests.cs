using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Crashes;

/// <summary>
/// The power fails before each durable step and after the last. What was not flushed is lost, or part of it is kept, whatever makes it
/// worst: data without the record that goes before it, a record without the data that it speaks of.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PowerFailureTests
{
    [TestCaseSource(nameof(Scenarios))]
    public async Task No_step_at_which_the_power_fails_loses_a_byte(string scenario)
    {
        int steps = 0;
        using (MemoryBed bed = new(UnflushedChanges.None))
            await bed.RunAsync(CrashScenario.All[scenario](), int.MaxValue, (_, _) => steps++);
        steps.Should().BePositive();
        List<string> failures = [];
        for (int fatal = 1; fatal <= steps + 1; fatal++)
        {
            for (UnflushedChanges kept = 0; kept <= (CrashScenario.All[scenario]().MakesNames ? AllChanges : AllOfFiles); kept++)
            {
                using MemoryBed bed = new(kept);
                string last = "the end";
                try
                {
                    await bed.RunAsync(CrashScenario.All[scenario](), fatal, (what, path) => last = $"{what} {path}");
                }
                catch (Exception e)
                {
                    failures.Add($"before step {fatal} of {steps} ({last}), keeping {kept}: {e.Message}");
                }
            }
        }
        TestContext.Out.WriteLine($"{scenario}: {steps} steps");
        Assert.That(failures, Is.Empty, string.Join('\n', failures.Take(20)));
    }

    private const UnflushedChanges AllOfFiles = UnflushedChanges.Data | UnflushedChanges.Attributes | UnflushedChanges.Facts;

    private const UnflushedChanges AllChanges = AllOfFiles | UnflushedChanges.Names;

    private static IEnumerable<string> Scenarios => CrashScenario.All.Keys;

    /// <summary>A shard and a store that a power failure strikes.</summary>
    private sealed class MemoryBed : IDisposable
    {
        private readonly InMemoryCluster _cluster;
        private readonly InMemoryStore _store = new();
        private readonly UnflushedChanges _kept;

        public MemoryBed(UnflushedChanges kept)
        {
            _kept = kept;
            _cluster = new InMemoryCluster(new InMemoryClusterOptions { CrashLosesUnflushedChanges = true, CrashKeeps = kept });
            ShardDescriptor.Initialize(_cluster.AddNode("init"), new ShardDescriptor
            {
                ShardId = Guid.NewGuid(),
                StoreLocation = new Uri("file:///store"),
                StoreId = _store.Id,
                LeaseDuration = TimeSpan.FromSeconds(60),
            });
        }

        /// <summary>Does the work up to a step, lets the power fail there, and checks what is left.</summary>
        public async Task RunAsync(CrashScenario scenario, int fatal, Action<string, string> step)
        {
            string[] work;
            await using (SteppedVolume volume = Join("before"))
            {
                work = await scenario.PrepareAsync(volume, Age);
                volume.Volume.Shard.FlushAll();
                await _store.FlushAsync();
            }
            InMemoryNode victim = _cluster.AddNode("victim");
            int number = 0;
            bool isOver = false;
            try
            {
                SteppedVolume volume = Join(victim, (what, path) =>
                {
                    if (number == fatal)
                        throw new PowerFailure();
                    step(what, path);
                    if (++number != fatal)
                        return;
                    victim.Crash();
                    _store.IsAvailable = false;
                    throw new PowerFailure();
                });
                isOver = (await ShardWork.RunAsync(volume.Volume, work)).Count == 0 && number < fatal;
            }
            catch (Exception e) when (e is PowerFailure or HsmException or ShardIOException)
            {
            }
            victim.Crash();
            _store.IsAvailable = true;
            _store.LoseUnflushed();
            await CheckAsync(scenario, work, isOver);
        }

        public void Dispose()
        {
            foreach (InMemoryNode node in _cluster.Nodes)
                node.Dispose();
        }

        private async Task CheckAsync(CrashScenario scenario, string[] work, bool isOver)
        {
            // The last record of a release outlives the power failure, and the punch or the times before it do not: no journal writes
            // them in that order, and no byte is lost. But then blocks stay, or the time of the punch does.
            bool keepsOrder = !_kept.HasFlag(UnflushedChanges.Attributes) || (_kept & AllOfFiles) == AllOfFiles;
            await using SteppedVolume volume = Join("after");
            CrashChecks checks = new(volume, Age);
            await checks.FilesAsync(scenario.Files, keepsOrder);
            if (isOver)
                checks.End(scenario, keepsOrder: true); // what a call has returned from is durable
            (await ShardWork.RunAsync(volume.Volume, work)).Should().BeEmpty("the same again finishes it");
            await checks.FilesAsync(scenario.Files, keepsOrder);
            checks.End(scenario, keepsOrder);
            await checks.SweepAsync();
            await checks.RecallAsync(scenario, keepsOrder);
        }

        private void Age() => _store.Clock.Advance(TimeSpan.FromDays(30));

        private SteppedVolume Join(string name) => Join(_cluster.AddNode(name), null);

        private SteppedVolume Join(InMemoryNode node, Action<string, string>? changing)
        {
            node.BeforeOperation = _ => _cluster.Clock.Advance(TimeSpan.FromMilliseconds(1));
            return new SteppedVolume(node, new WatchedStore(_store) { Changing = changing }, changing);
        }
    }

    private sealed class PowerFailure() : Exception("The power has failed.");
}
