using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Files that another storage manager has marked as its own, as Windows and macOS tell of them; the mark is faked here.</summary>
[TestFixture]
public sealed class ForeignStubTests
{
    private const string Reason = "another storage manager has its data elsewhere";

    private readonly List<string> _opened = [];
    private LocalShard _place = null!;
    private HookedVolume _node = null!;

    [SetUp]
    public void MakeShard()
    {
        _place = new LocalShard();
        _node = new HookedVolume(_place);
        _node.Shard.OfflineFiles = static path => path is "foreign" or "ours";
        _node.Shard.Opening = _opened.Add;
        _opened.Clear();
    }

    [TearDown]
    public async Task RemoveShard()
    {
        await _node.DisposeAsync();
        _place.Dispose();
    }

    [TestCase("archive")]
    [TestCase("migrate")]
    [TestCase("release")]
    public async Task A_foreign_stub_is_passed_over_without_being_opened(string verb)
    {
        _place.Write("foreign", 100);
        Outcomes outcomes = new();
        MigrationSummary summary = verb switch
        {
            "archive" => await _node.Volume.ArchiveAsync(["foreign"], outcomes.AtOnce),
            "release" => await _node.Volume.ReleaseAsync(["foreign"], outcomes.AtOnce),
            _ => await _node.Volume.MigrateAsync(["foreign"], outcomes.AtOnce),
        };
        (summary.Archived, summary.Released, summary.Skipped, summary.Failed).Should().Be((0, 0, 1, 0));
        outcomes.Last.Reason.Should().Be(Reason);
        _opened.Should().NotContain("foreign");
    }

    [Test]
    public async Task A_foreign_stub_is_not_recalled_by_a_recall_of_ours()
    {
        _place.Write("foreign", 100);
        (await _node.Volume.RecallAsync(["foreign"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Recalled = 0L, Failed = 0L });
        _opened.Should().NotContain("foreign");
    }

    [Test]
    public async Task A_stub_of_ours_that_is_marked_is_recalled()
    {
        byte[] written = _place.Write("ours", 100);
        _node.Shard.OfflineFiles = null;
        await _node.Volume.MakeStubAsync("ours");
        _node.Shard.OfflineFiles = static _ => true;
        Outcomes outcomes = new();
        await _node.Volume.ArchiveAsync(["ours"], outcomes.AtOnce);
        outcomes.Last.Reason.Should().Be("it is a stub");
        (await _node.Volume.RecallAsync(["ours"], LocalShard.AtOnce)).Recalled.Should().Be(1);
        _node.Volume.GetStatus("ours").State.Should().Be(FileState.Archived);
        (await File.ReadAllBytesAsync(_place.PathOf("ours"))).Should().Equal(written);
    }
}
