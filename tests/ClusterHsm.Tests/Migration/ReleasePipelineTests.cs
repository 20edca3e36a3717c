using System.Collections.Concurrent;
using ClusterHsm.Migration;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>Four groups of files that are released under one handover.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReleasePipelineTests : IDisposable
{
    private const int InGroup = 8, Groups = 4, Files = InGroup * Groups;

    private static readonly string[] s_names = [.. Enumerable.Range(0, Files).Select(i => $"f{i}")];

    private readonly VolumeInMemory _cluster = new();
    private readonly ConcurrentDictionary<string, int> _barriersAtMark = [];
    private readonly ConcurrentQueue<string> _punchedTooEarly = [], _punched = [];
    private Action _atBarrier = static () => { };
    private int _barriers, _mostLocked;

    public void Dispose() => _cluster.Dispose();

    [TestCase(1)]
    [TestCase(4)]
    public async Task Each_mark_has_its_barrier_before_the_hole_and_one_does_for_two_groups(int jobs)
    {
        (await ReleaseAsync(new MigrationOptions { Jobs = jobs })).Released.Should().Be(Files);

        _punchedTooEarly.Should().BeEmpty();
        _barriers.Should().Be(Groups + 1, "the first group's marks have one alone, and the last group's holes");
        _mostLocked.Should().BeInRange(InGroup, 3 * InGroup);
    }

    /// <summary>R11: a lock would not be trusted any more after two of them.</summary>
    [Test]
    public async Task Where_barriers_are_slow_one_group_is_locked_at_a_time()
    {
        _atBarrier = () => _cluster.Advance(_cluster.Lease / 2);

        (await ReleaseAsync(new MigrationOptions())).Should().BeEquivalentTo(new { Released = (long)Files, Handovers = 1 });

        _punchedTooEarly.Should().BeEmpty();
        (_barriers, _mostLocked).Should().Be((2 * Groups, InGroup));
    }

    [Test]
    public async Task A_listener_is_not_waited_for_while_files_are_locked()
    {
        using ManualResetEventSlim isOver = new();
        _atBarrier = () =>
        {
            if (_punched.Count == Files)
                isOver.Set();
        };
        bool cameInTime = true;
        Told listener = new(outcome => cameInTime &= outcome.Action != FileAction.Released || isOver.Wait(TimeSpan.FromMinutes(1)));

        (await ReleaseAsync(new MigrationOptions { Progress = listener })).Released.Should().Be(Files);

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
                _atBarrier();
            }
            else if (info.Operation == ShardOperation.WriteAttribute && _barriersAtMark.TryAdd(info.Path, Volatile.Read(ref _barriers)))
            {
                lock (_punched)
                    _mostLocked = Math.Max(_mostLocked, shard.HeldLocks.Select(static held => held.Path).Distinct().Intersect(s_names).Count());
            }
            else if (info.Operation == ShardOperation.PunchHole)
            {
                _punched.Enqueue(info.Path);
                if (_barriersAtMark[info.Path] == Volatile.Read(ref _barriers))
                    _punchedTooEarly.Enqueue(info.Path);
            }
        };
        Task<MigrationSummary> work = _cluster.Migrator.Volume.ReleaseAsync(s_names, options with { SettleTime = TimeSpan.Zero, MostFilesInGroup = InGroup });
        while (!work.IsCompleted)
        {
            if (_barriersAtMark.IsEmpty) // then only a barrier takes time
                _cluster.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(work, Task.Delay(1));
        }
        return await work;
    }

    private sealed class Told(Action<FileOutcome> tell) : IProgress<FileOutcome>
    {
        public void Report(FileOutcome value) => tell(value);
    }
}
