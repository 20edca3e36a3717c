using System.Collections.Concurrent;
using System.Diagnostics;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>Files that are released under one handover, in groups of eight or in one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReleaseGroupsTests : IDisposable
{
    private const int InGroup = 8, Groups = 4, Files = InGroup * Groups;

    private static readonly string[] s_names = [.. Enumerable.Range(0, Files).Select(i => $"f{i}")];

    private readonly VolumeInMemory _cluster = new(lease: TimeSpan.FromSeconds(1));
    private readonly ConcurrentDictionary<string, int> _barriersAtMark = [];
    private readonly ConcurrentQueue<string> _punchedTooEarly = [], _punched = [];
    private Action _atBarrier = static () => { }, _atMark = static () => { }, _beforeRelease = static () => { };
    private int _barriers, _barriersAfterHandover, _mostLocked;

    public void Dispose() => _cluster.Dispose();

    [TestCase(1)]
    [TestCase(4)]
    public async Task Marks_are_durable_before_the_holes_and_these_after_the_handover(int jobs)
    {
        (await ReleaseAsync(new MigrationOptions { Jobs = jobs, MostFilesInGroup = Files })).Released.Should().Be(Files);

        _punchedTooEarly.Should().BeEmpty();
        (_barriers, _barriersAfterHandover, _mostLocked).Should().Be((2, 1, Files));
        _cluster.Migrator.Shard.Should().BeEquivalentTo(new { OpenFileCount = 0 });
    }

    [Test]
    public async Task Where_not_all_can_be_open_at_once_holes_are_made_durable_in_between()
    {
        (await ReleaseAsync(new MigrationOptions { MostFilesInGroup = InGroup })).Released.Should().Be(Files);

        _punchedTooEarly.Should().BeEmpty();
        // Two groups may be open: before the third the holes of the first two have a barrier.
        (_barriers, _barriersAfterHandover, _mostLocked).Should().Be((Groups + 2, 1, InGroup));
    }

    [Test]
    public async Task A_group_ends_after_a_second_of_marking()
    {
        _atMark = () => _cluster.Advance(TimeSpan.FromSeconds(0.125));

        (await ReleaseAsync(new MigrationOptions { Jobs = 1, MostFilesInGroup = Files })).Should().BeEquivalentTo(new { Released = (long)Files, Handovers = 1 });

        _punchedTooEarly.Should().BeEmpty();
        (_barriers, _barriersAfterHandover, _mostLocked).Should().Be((Groups + 1, 1, InGroup));
    }

    /// <summary>R11: when the last file of the group is marked, the first was locked more than a lease ago.</summary>
    [Test]
    public async Task A_file_that_another_node_has_recalled_since_its_lock_was_lost_is_not_punched_by_the_old_mark()
    {
        MemoryNode other = _cluster.AddNode("other", isPolled: false);
        bool isRecalled = false;
        _beforeRelease = () => _cluster.Migrator.Shard.Faults.OnLock(s_names[0]).Once().Lose();
        _atMark = () => _cluster.Advance(TimeSpan.FromSeconds(0.125));
        _atBarrier = () =>
        {
            if (isRecalled)
                return;
            isRecalled = true;
            Task<MigrationSummary> recall = other.Volume.RecallAsync([s_names[0]]);
            while (!recall.Wait(1))
                _cluster.Advance(TimeSpan.FromMilliseconds(1));
            recall.Result.Recalled.Should().Be(1);
        };

        MigrationSummary summary = await ReleaseAsync(new MigrationOptions { Jobs = 1, MostFilesInGroup = Files });

        isRecalled.Should().BeTrue();
        summary.Should().BeEquivalentTo(new { Released = (long)Files, Handovers = 2 });
        _punched.Should().HaveCount(Files).And.EndWith(s_names[0], "it is looked at anew, and marked under the next handover");
    }

    [Test]
    public async Task Barriers_that_take_half_a_lease_lose_no_handover()
    {
        _atBarrier = () => _cluster.Advance(_cluster.Lease / 2);

        (await ReleaseAsync(new MigrationOptions { MostFilesInGroup = InGroup })).Should().BeEquivalentTo(new { Released = (long)Files, Handovers = 1 });

        _punchedTooEarly.Should().BeEmpty();
    }

    [Test]
    public async Task A_listener_is_waited_for_by_no_node()
    {
        using ManualResetEventSlim isOver = new();
        _atBarrier = () =>
        {
            if (_barriersAfterHandover > 0)
                isOver.Set();
        };
        bool cameInTime = true;
        Told listener = new(outcome => cameInTime &= outcome.Action != FileAction.Released || isOver.Wait(TimeSpan.FromMinutes(1)));

        (await ReleaseAsync(new MigrationOptions { Progress = listener, MostFilesInGroup = InGroup })).Released.Should().Be(Files);

        cameInTime.Should().BeTrue();
    }

    private async Task<MigrationSummary> ReleaseAsync(MigrationOptions options)
    {
        foreach (string name in s_names)
            await _cluster.ArchiveAsync(name);
        InMemoryNode shard = _cluster.Migrator.Shard;
        shard.BeforeOperation = info =>
        {
            if (info.Operation == ShardOperation.FlushAll && !_barriersAtMark.IsEmpty)
            {
                Interlocked.Increment(ref _barriers);
                if (!shard.HeldLocks.Any(static held => held.Path == ControlFolder.SignalPath))
                    Interlocked.Increment(ref _barriersAfterHandover);
                _atBarrier();
            }
            else if (info.Operation == ShardOperation.WriteAttribute && _barriersAtMark.TryAdd(info.Path, Volatile.Read(ref _barriers)))
            {
                lock (_punched)
                    _mostLocked = Math.Max(_mostLocked, shard.HeldLocks.Select(static held => held.Path).Distinct().Intersect(s_names).Count());
                _atMark();
            }
            else if (info.Operation == ShardOperation.PunchHole)
            {
                _punched.Enqueue(info.Path);
                if (_barriersAtMark[info.Path] == Volatile.Read(ref _barriers))
                    _punchedTooEarly.Enqueue(info.Path);
            }
        };
        _beforeRelease();
        Task<MigrationSummary> work = _cluster.Migrator.Volume.ReleaseAsync(s_names, options with { SettleTime = TimeSpan.Zero });
        Stopwatch real = Stopwatch.StartNew();
        while (!work.IsCompleted && real.Elapsed < TimeSpan.FromMinutes(1))
        {
            if (_barriersAtMark.IsEmpty || _barriersAfterHandover > 0) // in a handover only a barrier or a mark takes time
                _cluster.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(work, Task.Delay(1));
        }
        return await work.WaitAsync(TimeSpan.Zero);
    }

    private sealed class Told(Action<FileOutcome> tell) : IProgress<FileOutcome>
    {
        public void Report(FileOutcome value) => tell(value);
    }
}
