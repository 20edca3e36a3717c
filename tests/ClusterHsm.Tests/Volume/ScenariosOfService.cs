using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>
/// How many transfers run at once, and who goes first. Progress and cancellation: <see cref="ScenariosOfCancellation"/>. A store that is
/// down: <see cref="Tool.CommandTests.Status_works_while_the_store_is_away"/>; one that is full:
/// <see cref="ScenariosOfArchive.A_full_store_is_named_the_file_is_as_it_was_and_no_object_is_left"/>.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfService : NodeScenarioFixture
{
    /// <summary>A file that keeps its place among the transfers from beginning to end.</summary>
    private const int Large = 1_100_000;

    private Crowd _crowd = null!;

    [SetUp]
    public void NobodyWaits() => _crowd = new Crowd();

    [Test]
    public async Task A_limit_on_transfers_at_once_that_readers_want()
    {
        (string[] names, byte[][] contents) = await WriteStubsAsync(8);
        await using ComposedNode node = Compose(new HsmVolumeOptions { MaxConcurrentRecalls = 3 });
        _crowd.HoldReads(node.Store);

        Task<byte[]>[] readers = [.. names.Select(name => node.Volume.ReadAllAsync(name))];
        await UntilAsync(() => _crowd.Now == 3);
        names.Count(name => IsLocked(node, name)).Should().Be(3, "another node may have those whose turn has not come");
        _crowd.LetGo();

        for (int i = 0; i < names.Length; i++)
            (await readers[i]).Should().Equal(contents[i]);
        _crowd.Most.Should().Be(3);
    }

    [TestCase("archive")]
    [TestCase("recall")]
    [TestCase("verify")]
    public async Task A_limit_on_transfers_at_once_of_a_list(string operation)
    {
        const int jobs = 3;
        (string[] names, byte[][] contents) = operation == "archive" ? WriteFiles(12) : await WriteStubsAsync(12);
        await using ComposedNode node = Compose(new HsmVolumeOptions { MaxConcurrentRecalls = 1 });
        _crowd.HoldReads(node.Store);
        _crowd.HoldWrites(node.Store);
        MigrationOptions options = LocalShard.AtOnce with { Jobs = jobs };

        Task<MigrationSummary> work = operation switch
        {
            "archive" => node.Volume.ArchiveAsync(names, options),
            "recall" => node.Volume.RecallAsync(names, options),
            _ => node.Volume.VerifyAsync("", deep: true, options),
        };
        await UntilAsync(() => _crowd.Now == jobs);
        if (operation == "recall")
            names.Count(name => IsLocked(node, name)).Should().Be(jobs, "others may have those whose turn has not come");
        _crowd.LetGo();

        (await work).Should().BeEquivalentTo(new { Failed = 0L, Skipped = 0L });
        _crowd.Most.Should().Be(jobs);
        for (int i = 0; i < names.Length; i++)
            (await node.Volume.ReadAllAsync(names[i])).Should().Equal(contents[i]);
    }

    /// <remarks>They do not compete: what readers want has places of its own, <see cref="HsmVolumeOptions.MaxConcurrentRecalls"/>.</remarks>
    [TestCase(1)]
    [TestCase(40)]
    public async Task Recalls_go_before_archives_because_readers_wait_for_no_place_that_an_archive_has(int files)
    {
        byte[] wanted = await WriteStubAsync("wanted", Large);
        string[] names = WriteFiles(files).Names;
        await using ComposedNode node = Compose(new HsmVolumeOptions { MaxConcurrentRecalls = 1 });
        _crowd.HoldWrites(node.Store);
        Task<MigrationSummary> archiving = node.Volume.ArchiveAsync(names, LocalShard.AtOnce);
        await UntilAsync(() => _crowd.Now == Math.Min(files, LocalShard.AtOnce.Jobs));

        (await node.Volume.ReadAllAsync("wanted").WaitAsync(NodeChild.Patience)).Should().Equal(wanted);

        archiving.IsCompleted.Should().BeFalse();
        _crowd.LetGo();
        (await archiving).Archived.Should().Be(files);
    }

    /// <remarks>More than <see cref="RecallPlaces.MostUnderWay"/>: also admission is the readers' own.</remarks>
    [Test]
    public async Task Recalls_that_readers_want_wait_for_no_place_that_a_long_list_has()
    {
        string[] names = [.. Enumerable.Range(0, RecallPlaces.MostUnderWay + 20).Select(i => $"f{i}")];
        foreach (string name in names)
            Shard.Write(name, 1000);
        byte[] wanted = Shard.Write("wanted", 1000);
        await using ComposedNode node = Compose(new HsmVolumeOptions { MaxConcurrentRecalls = 1 });
        await node.Volume.MakeStubsAsync([.. names, "wanted"]);
        _crowd.HoldReads(node.Store);
        Task<MigrationSummary> recalling = node.Volume.RecallAsync(names, LocalShard.AtOnce);
        await UntilAsync(() => _crowd.Now == LocalShard.AtOnce.Jobs && names.Count(name => IsLocked(node, name)) == RecallPlaces.MostUnderWay);
        node.Store.BeforeRead = null;

        (await node.Volume.ReadAllAsync("wanted").WaitAsync(NodeChild.Patience)).Should().Equal(wanted);

        recalling.IsCompleted.Should().BeFalse();
        _crowd.LetGo();
        (await recalling).Recalled.Should().Be(names.Length);
    }

    /// <remarks>A lease that many files at once do not outlast.</remarks>
    private protected override LocalShard NewShard(TimeSpan? lease = null) => base.NewShard(lease ?? TimeSpan.FromSeconds(2));

    private static bool IsLocked(ComposedNode node, string name)
    {
        using IShardFile file = node.Volume.Shard.Open(name, ShardOpenOptions.Read);
        return !file.QueryLock(new LockRange(node.Volume.Descriptor.FileLockOffset + 1, 1), LockKind.Shared).IsGranted;
    }

    private (string[] Names, byte[][] Contents) WriteFiles(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"f{i}")];
        return (names, [.. names.Select((name, i) => Shard.Write(name, Large + i))]);
    }

    private async Task<(string[] Names, byte[][] Contents)> WriteStubsAsync(int count)
    {
        (string[] names, byte[][] contents) = WriteFiles(count);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.MakeStubsAsync(names);
        return (names, contents);
    }
}
