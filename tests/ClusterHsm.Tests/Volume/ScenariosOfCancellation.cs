using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>
/// Progress and cancellation of each long operation, and that it goes on where it was cut off. Export is a call for each file, and so
/// a matter of the command: <see cref="Tool.InterruptTests"/>.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfCancellation : NodeScenarioFixture
{
    private const string Archive = "archive", Release = "release", Recall = "recall", Verify = "verify", Import = "import",
        ImportCopying = "import, while it copies", Sweep = "sweep";

    private const int Count = 12;

    private static readonly SweepOptions s_sweep = new() { SettleTime = TimeSpan.FromMilliseconds(20) };

    private readonly string[] _names = [.. Enumerable.Range(0, Count).Select(i => $"f{i:00}")];
    private byte[][] _contents = null!;
    private StubExport[] _exports = null!;

    [SetUp]
    public void WriteFiles() => _contents = [.. _names.Select((name, i) => Shard.Write(name, 5000 + i))];

    [TestCase(Archive, FileAction.Archived)]
    [TestCase(Release, FileAction.Released)]
    [TestCase(Recall, FileAction.Recalled)]
    [TestCase(Verify, FileAction.Verified)]
    [TestCase(Import, FileAction.Imported)]
    public async Task Progress_of_each_long_operation_names_each_file_once_and_adds_up(string operation, FileAction action)
    {
        await using ComposedNode node = Compose();
        await PrepareAsync(node.Volume, operation);
        Outcomes outcomes = new();

        MigrationSummary sum = await RunAsync(node.Volume, operation, outcomes.AtOnce);

        // On a machine that is held up a handover can be lost: what was not reached is told of as skipped.
        outcomes.All.Where(outcome => outcome.Action is not (FileAction.Skipped or FileAction.AlreadyDone)).Should().OnlyContain(outcome => outcome.Action == action);
        outcomes.All.Select(outcome => outcome.Path).Should().BeEquivalentTo(_names);
        outcomes.All.Where(outcome => outcome.Action == action).Sum(outcome => outcome.Bytes).Should()
            .Be(sum.BytesArchived + sum.BytesFreed + sum.BytesRecalled + (action is FileAction.Verified or FileAction.Imported ? _contents.Sum(bytes => bytes.Length) : 0));
    }

    [Test]
    public async Task Progress_of_a_sweep_names_each_orphan_once()
    {
        await using ComposedNode node = Compose();
        await PrepareAsync(node.Volume, Sweep);
        Orphans told = new();

        SweepSummary sum = await node.Volume.SweepAsync(s_sweep with { Progress = told });

        sum.Due.Should().Be(Count);
        told.All.Distinct().Should().HaveCount(Count).And.HaveCount(told.All.Count);
    }

    [TestCase(Archive)]
    [TestCase(Release)]
    [TestCase(Recall)]
    [TestCase(Verify)]
    [TestCase(Import)]
    [TestCase(ImportCopying)]
    [TestCase(Sweep)]
    public async Task Cancellation_of_each_long_operation_leaves_no_half_state_and_the_same_call_goes_on_from_there(string operation)
    {
        await using ComposedNode node = Compose();
        await PrepareAsync(node.Volume, operation);
        using CancellationTokenSource cancel = new();
        int steps = 0;
        Outcomes outcomes = new() { WhenReported = _ => Cancel(if_: operation is Release or Import) };
        node.Store.Writing = () =>
        {
            Cancel(if_: operation == Archive && Interlocked.Increment(ref steps) == 3);
            return Task.CompletedTask;
        };
        node.Store.Changing = (what, _) => Cancel(if_: operation == ImportCopying && what == "copy object to" && Interlocked.Increment(ref steps) == 3);
        node.Store.BeforeRead = async (_, cancellationToken) =>
        {
            int step = Interlocked.Increment(ref steps);
            Cancel(if_: step == 3);
            if (step >= 3)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        };
        Orphans orphans = new() { WhenReported = () => Cancel(if_: true) };

        Func<Task> work = operation == Sweep
            ? () => node.Volume.SweepAsync(s_sweep with { Progress = orphans }, cancel.Token)
            : () => RunAsync(node.Volume, operation, outcomes.AtOnce with { MostFilesInGroup = 1 }, cancel.Token);
        await work.Should().ThrowAsync<OperationCanceledException>();

        node.Store.Writing = null;
        node.Store.Changing = null;
        node.Store.BeforeRead = null;
        await NothingIsHalfDoneAsync(node.Volume, operation);
        await FinishAsync(node.Volume, operation);
        await NothingIsHalfDoneAsync(node.Volume, operation);
        IsDone(node.Volume, operation);

        void Cancel(bool if_)
        {
            if (if_)
                cancel.Cancel();
        }
    }

    /// <remarks>A lease that many files at once do not outlast.</remarks>
    private protected override LocalShard NewShard(TimeSpan? lease = null) => base.NewShard(lease ?? TimeSpan.FromSeconds(2));

    private async Task PrepareAsync(HsmVolume volume, string operation)
    {
        if (operation is Release or Verify)
            await volume.ArchiveAsync(_names, LocalShard.AtOnce);
        else if (operation is Recall or Import or ImportCopying or Sweep)
            await volume.MakeStubsAsync(_names);
        if (operation is not (Import or ImportCopying or Sweep))
            return;
        _exports = [.. _names.Select(name => volume.Export(name)!)];
        foreach (string name in _names)
            File.Delete(Shard.PathOf(name));
        if (operation != Sweep)
            return;
        await volume.SweepAsync(s_sweep);
        Shard.LetOrphansAge(s_sweep.GraceTime);
    }

    private Task<MigrationSummary> RunAsync(HsmVolume volume, string operation, MigrationOptions options, CancellationToken cancellationToken = default) => operation switch
    {
        Archive => volume.ArchiveAsync(_names, options, cancellationToken),
        Release => volume.ReleaseAsync(_names, options, cancellationToken),
        Recall => volume.RecallAsync(_names, options, cancellationToken),
        Verify => volume.VerifyAsync("", deep: true, options, cancellationToken),
        _ => volume.ImportAsync(_exports, options, cancellationToken),
    };

    /// <summary>The same call again; once more if a busy machine made it lose the handover.</summary>
    private async Task FinishAsync(HsmVolume volume, string operation)
    {
        if (operation == Sweep)
        {
            (await volume.SweepAsync(s_sweep)).IsComplete.Should().BeTrue();
            return;
        }
        Outcomes outcomes;
        do
        {
            outcomes = new Outcomes();
            (await RunAsync(volume, operation, outcomes.AtOnce)).Failed.Should().Be(0);
        }
        while (outcomes.All.Any(outcome => outcome.Reason?.Contains("handover was lost") == true));
    }

    private async Task NothingIsHalfDoneAsync(HsmVolume volume, string operation)
    {
        FileStatus[] files = [.. volume.EnumerateStatus("")];
        files.Where(file => file.Problem != null || file.State == FileState.Recalling || file.HasStaleCopy).Should().BeEmpty();
        foreach (FileStatus file in files)
            (await volume.ReadAllAsync(file.Path, StubAccess.ReadThrough)).Should().Equal(_contents[Array.IndexOf(_names, file.Path)]);
        Shard.Uploads().Should().BeEmpty();
        if (operation != Sweep)
            Shard.Objects().Should().HaveCount(files.Count(file => file.Record is not null) + (operation is Import or ImportCopying ? Count : 0), "none is without a record");
    }

    private void IsDone(HsmVolume volume, string operation)
    {
        if (operation == Sweep)
        {
            Shard.Objects().Should().BeEmpty();
            return;
        }
        FileState end = operation is Archive or Recall or Verify ? FileState.Archived : FileState.Released;
        volume.EnumerateStatus("").Should().HaveCount(Count).And.OnlyContain(file => file.State == end);
    }

    private sealed class Orphans : IProgress<Orphan>
    {
        public List<Orphan> All { get; } = [];

        public Action? WhenReported { get; init; }

        public void Report(Orphan value)
        {
            All.Add(value);
            WhenReported?.Invoke();
        }
    }
}
