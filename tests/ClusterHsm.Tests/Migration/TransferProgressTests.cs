using System.Collections.Concurrent;
using ClusterHsm.Migration;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>A large file is told of by the piece.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class TransferProgressTests
{
    private const int Length = (3 << 20) + 5;

    private readonly ConcurrentBag<TransferProgress> _pieces = [];
    private LocalShard _shard = null!;
    private HsmVolume _volume = null!;

    [SetUp]
    public async Task OpenVolume()
    {
        _pieces.Clear();
        _shard = new LocalShard();
        _shard.Write("d/large", Length);
        _volume = await _shard.OpenAsync();
    }

    [TearDown]
    public async Task CloseVolume()
    {
        await _volume.DisposeAsync();
        _shard.Dispose();
    }

    [Test]
    public async Task Archive_recall_and_a_deep_verify_tell_of_each_piece()
    {
        await _volume.MigrateAsync(["d/large"], Options);
        ShouldBeAllPieces("an archive copies, a release does not");
        await _volume.VerifyAsync("", deep: true, Options);
        ShouldBeAllPieces("a deep verify reads the object");
        await _volume.VerifyAsync("", deep: false, Options);
        _pieces.Should().BeEmpty("one that is not deep reads nothing");
        await _volume.RecallAsync(["d/large"], Options);
        ShouldBeAllPieces("a recall fills");
        await _volume.RecallAsync(["d/large"], Options);
        _pieces.Should().BeEmpty("it is there already");
    }

    [Test]
    public async Task A_sweep_tells_of_objects_and_records()
    {
        await _volume.ArchiveAsync(["d/large"], LocalShard.AtOnce);
        List<SweepProgress> steps = [];

        await _volume.SweepAsync(new SweepOptions { IsDryRun = true, SettleTime = TimeSpan.Zero, Scanned = new Told<SweepProgress>(steps.Add) });

        steps.Should().StartWith([new SweepProgress(1, 0), new SweepProgress(1, 1)]);
    }

    private MigrationOptions Options => LocalShard.AtOnce with { Transfers = new Told<TransferProgress>(_pieces.Add) };

    private void ShouldBeAllPieces(string because)
    {
        _pieces.Should().HaveCount(4, because).And.OnlyContain(static piece => piece.Path == "d/large" && piece.Bytes <= 1 << 20);
        _pieces.Sum(static piece => piece.Bytes).Should().Be(Length);
        _pieces.Clear();
    }

    /// <summary>At once, on the thread that tells; <see cref="Progress{T}"/> posts.</summary>
    private sealed class Told<T>(Action<T> told) : IProgress<T>
    {
        public void Report(T value) => told(value);
    }
}
