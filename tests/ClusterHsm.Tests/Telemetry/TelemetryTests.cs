using System.Diagnostics;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Telemetry;

/// <summary>A life of a shard in which everything happens that is told of.</summary>
[Platform("Linux")]
public sealed class TelemetryTests
{
    private const int Size = 5000;

    private LocalShard _shard = null!;
    private TelemetryRecorder _told = null!;

    [SetUp]
    public void Make()
    {
        _shard = new LocalShard();
        _told = new TelemetryRecorder(_shard.Root);
    }

    [TearDown]
    public void Remove()
    {
        _told.Dispose();
        _shard.Dispose();
    }

    [Test]
    public async Task What_is_measured_and_traced_is_what_was_done_with_the_tags_that_the_page_names()
    {
        foreach (string name in (string[])["a", "b", "lost", "busy", "through"])
            _shard.Write(name, Size);
        await using HsmVolume node = await _shard.OpenAsync(new HsmVolumeOptions());
        await using HsmVolume migrator = await _shard.OpenAsync();

        await migrator.ArchiveAsync(["a", "b", "lost", "busy", "through"], LocalShard.AtOnce);
        await using (HsmFile writer = await node.OpenFileAsync("busy", new HsmOpenOptions { Access = FileAccess.ReadWrite }))
            await migrator.ReleaseAsync(["a", "b", "lost", "busy", "through"], LocalShard.AtOnce);
        await node.Monitor!.WaitForModeAsync(LockMode.Relaxed);
        using (CancellationTokenSource stop = new())
        {
            Task<MigrationSummary> cancelled = migrator.ReleaseAsync(["busy"], LocalShard.AtOnce, stop.Token);
            while (!IsStrict(node))
                await Task.Delay(1);
            await stop.CancelAsync();
            await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
        }
        await node.Monitor.WaitForModeAsync(LockMode.Relaxed);
        await node.ReadAllAsync("a");
        await migrator.RecallAsync(["b"]);
        await node.ReadAllAsync("through", StubAccess.ReadThrough);
        foreach (string one in _shard.Objects().ToArray())
            File.Delete(one);
        await FluentActions.Awaiting(() => node.ReadAllAsync("lost")).Should().ThrowAsync<ObjectMissingException>();
        await FluentActions.Awaiting(() => node.ReadAllAsync("nothing")).Should().ThrowAsync<HsmFileNotFoundException>();
        await (await node.OpenFileAsync("a")).DisposeAsync();
        await using HsmFile open = await node.OpenFileAsync("a");

        (_told.Value("clusterhsm.archive.files"), _told.Value("clusterhsm.archive.io")).Should().Be((5, 5 * Size));
        (_told.Value("clusterhsm.release.files"), _told.Value("clusterhsm.release.io")).Should().Be((4, 4 * Size));
        (_told.Value("clusterhsm.recall.files"), _told.Value("clusterhsm.recall.io")).Should().Be((2, 2 * Size));
        _told.Value("clusterhsm.busy.files", "clusterhsm.operation", "release").Should().Be(1);
        _told.Value("clusterhsm.errors", "error.type", "ObjectMissing").Should().Be(1, "one failure is one error, however many hands it went through");
        _told.Value("clusterhsm.errors", "error.type", "NotFound").Should().Be(1);
        _told.Value("clusterhsm.cache.hits").Should().Be(node.Counters.CacheHits).And.BePositive();
        _told.Value("clusterhsm.cache.misses").Should().Be(node.Counters.CacheMisses).And.BePositive();
        _told.Value("clusterhsm.cache.inserts").Should().BePositive();
        _told.Value("clusterhsm.cache.clears").Should().BePositive("the node has left relaxed mode for the migrator");
        _told.Value("clusterhsm.strict.looks").Should().Be(node.Counters.StrictLooks + migrator.Counters.StrictLooks).And.BePositive();
        _told.Value("clusterhsm.read_through.reads").Should().Be(node.Counters.ReadThroughs).And.BePositive();
        _told.Value("clusterhsm.open.files").Should().Be(1);
        _told.Value("clusterhsm.node.mode.changes").Should().BeGreaterThanOrEqualTo(3);
        _told.Values("clusterhsm.node.mode", "clusterhsm.mode", "relaxed", "strict").Sum().Should().Be(1);
        _told.Value("clusterhsm.node.lease.remaining").Should().BeInRange(0, LocalShard.Lease.TotalSeconds);
        _told.Value("clusterhsm.node.polls", "clusterhsm.poll.result", "granted").Should().BePositive();
        _told.Value("clusterhsm.node.polls", "clusterhsm.poll.result", "refused").Should().BePositive();

        foreach (string[] row in ObservabilityPage.Instruments)
        {
            _told.Measurements.Where(one => one.Name == ObservabilityPage.Name(row[0])).SelectMany(static one => one.Tags.Keys).Distinct()
                .Should().BeEquivalentTo([.. ObservabilityPage.Names(row[3]), "clusterhsm.shard"], row[0]);
        }
        _told.Activities.Select(static one => one.OperationName).Distinct().Should().BeEquivalentTo(
            ObservabilityPage.Activities.Select(static row => ObservabilityPage.Name(row[0])));
        foreach (string[] row in ObservabilityPage.Activities)
        {
            Activity[] done = [.. _told.Activities.Where(one => one.OperationName == ObservabilityPage.Name(row[0]) && one.Status != ActivityStatusCode.Error)];
            done.SelectMany(static one => one.TagObjects.Select(static tag => tag.Key)).Distinct()
                .Should().BeEquivalentTo([.. ObservabilityPage.Names(row[1]), "clusterhsm.shard"], row[0]);
        }
        _told.Activities.Should().Contain(static one =>
            one.OperationName == "clusterhsm.recall" && one.Status == ActivityStatusCode.Error && Equals(one.GetTagItem("error.type"), "ObjectMissing"));

        static bool IsStrict(HsmVolume volume) => volume.Monitor!.State.Mode == LockMode.Strict;
    }

    [Test]
    public async Task A_counter_does_not_fall_when_a_volume_is_closed_and_another_goes_on()
    {
        _shard.Write("a", Size);
        await using HsmVolume stays = await _shard.OpenAsync();
        await using (HsmVolume goes = await _shard.OpenAsync())
        {
            await goes.ReadAllAsync("a");
            await stays.ReadAllAsync("a");
            _told.Value("clusterhsm.strict.looks").Should().Be(2);
        }
        _told.Value("clusterhsm.strict.looks").Should().Be(2);
        await stays.ReadAllAsync("a");
        _told.Value("clusterhsm.strict.looks").Should().Be(3);
    }
}
