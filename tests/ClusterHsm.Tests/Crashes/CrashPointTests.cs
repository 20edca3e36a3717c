using System.Collections.Concurrent;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Crashes;

/// <summary>On the file system of the folder for temporary files.</summary>
[TestFixture]
public sealed class LocalCrashPointTests : CrashPointTests;

/// <summary>
/// A process is killed before each durable step and after the last; the steps follow one another, so before one is after the one before.
/// </summary>
[Parallelizable(ParallelScope.All)]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public abstract class CrashPointTests
{
    /// <summary>The folder that the shards are made in; null for the usual one.</summary>
    private protected virtual string? Below => null;

    [TestCaseSource(nameof(Scenarios))]
    public Task No_step_at_which_a_process_is_killed_loses_a_byte(string name) => AtEachStepAsync(name, async fatal =>
    {
        using LocalShard place = new(lease: TimeSpan.FromSeconds(60), below: Below);
        CrashScenario scenario = CrashScenario.All[name]();
        void Age() => place.LetOrphansAge(TimeSpan.FromDays(30));
        string[] work;
        await using (SteppedVolume volume = Open(place))
            work = await scenario.PrepareAsync(volume, Age);
        IReadOnlyList<string> steps = await CrashChild.RunAsync(place, fatal, work);
        await InStepAsync(steps, fatal, async () =>
        {
            await using SteppedVolume volume = Open(place);
            CrashChecks checks = new(volume, Age);
            await checks.FilesAsync(scenario.Files, keepsTimes: true);
            (await ShardWork.RunAsync(volume.Volume, work)).Should().BeEmpty("the same again finishes it");
            await checks.FilesAsync(scenario.Files, keepsTimes: true);
            checks.End(scenario, keepsOrder: true);
            AgeProbes(place);
            await checks.SweepAsync();
            checks.ControlFolderIsClean();
            OnlyUploadsAreLeft(place);
            await checks.RecallAsync(scenario, keepsOrder: true);
        });
        return steps;
    });

    [Test]
    public Task No_step_at_which_init_is_killed_leaves_what_the_next_cannot_finish() => AtEachStepAsync("init", async fatal =>
    {
        using LocalShard place = new(below: Below, isMade: false);
        IReadOnlyList<string> steps = await CrashChild.RunAsync(place, fatal, "init");
        await InStepAsync(steps, fatal, async () =>
        {
            if (!File.Exists(place.PathOf(".clusterhsm/shard.json")))
                SteppedVolume.Initialize(place.Root, place.StoreFolder);
            CrashScenario scenario = CrashScenario.All["archive of one file"]();
            CrashFile file = scenario.Files[0];
            await using SteppedVolume volume = Open(place);
            volume.Volume.Descriptor.StoreId.Should().Be(volume.Store.Id);
            file.Write(volume.Volume.Shard);
            (await ShardWork.RunAsync(volume.Volume, ["migrate", file.Path])).Should().BeEmpty();
            CrashChecks checks = new(volume, () => { });
            checks.ControlFolderIsClean();
            OnlyUploadsAreLeft(place);
            await checks.RecallAsync(scenario, keepsOrder: true);
        });
        return steps;
    });

    private protected static IEnumerable<string> Scenarios => CrashScenario.All.Keys;

    /// <summary>Lets the work live once, to count its steps, then has it killed at each.</summary>
    private async Task AtEachStepAsync(string name, Func<int, Task<IReadOnlyList<string>>> runAsync)
    {
        int steps = (await runAsync(0)).Count;
        steps.Should().BePositive();
        ConcurrentQueue<string> failures = [];
        await Parallel.ForEachAsync(Enumerable.Range(1, steps + 1), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (number, _) =>
        {
            try
            {
                await runAsync(number);
            }
            catch (Exception e)
            {
                failures.Enqueue($"{number} of {steps}: {e.Message}");
            }
        });
        await TestContext.Out.WriteLineAsync($"{name}: {steps} steps, killed before each and after the last");
        Assert.That(failures, Is.Empty, string.Join('\n', failures.Take(20)));
    }

    /// <summary>Has a failure name the step.</summary>
    private static async Task InStepAsync(IReadOnlyList<string> steps, int fatal, Func<Task> checkAsync)
    {
        try
        {
            await checkAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{(fatal == steps.Count ? "killed before" : "all steps taken, the last")} '{steps[^1]}': {e.Message}", e);
        }
    }

    private static SteppedVolume Open(LocalShard place) => SteppedVolume.Open(place.Root, place.StoreFolder);

    /// <summary>Files by which the shard's clock is read go an hour after whoever made them was killed.</summary>
    private static void AgeProbes(LocalShard place)
    {
        foreach (string probe in Directory.EnumerateFiles(place.PathOf(".clusterhsm/nodes"), "time-*"))
            File.SetLastWriteTimeUtc(probe, DateTime.UtcNow.AddHours(-2));
    }

    /// <summary>In the store, besides objects: uploads and probes of a killed process, which go after a day.</summary>
    private static void OnlyUploadsAreLeft(LocalShard place)
    {
        Directory.EnumerateFileSystemEntries(place.StoreFolder).Select(Path.GetFileName)
            .Should().BeEquivalentTo("clusterhsm-store.json", "objects", "tmp");
        Directory.EnumerateFileSystemEntries(Path.Combine(place.StoreFolder, "tmp")).Select(Path.GetFileName)
            .Where(name => !DirectoryStoreLayout.IsTemporaryName(name)).Should().BeEmpty();
    }
}
