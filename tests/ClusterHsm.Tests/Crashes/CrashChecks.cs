using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;

namespace ClusterHsm.Tests.Crashes;

/// <summary>What must hold after a crash.</summary>
/// <param name="stepped">The shard, opened anew.</param>
/// <param name="age">Lets the orphans known so far get older than the grace time.</param>
internal sealed class CrashChecks(SteppedVolume stepped, Action age)
{
    private HsmVolume Volume => stepped.Volume;

    /// <summary>Every file has its bytes, and no record lies.</summary>
    /// <param name="files">The files.</param>
    /// <param name="keepsTimes">Whether every file that is whole has its time of last modification already.</param>
    public async Task FilesAsync(IEnumerable<CrashFile> files, bool keepsTimes)
    {
        foreach (CrashFile file in files)
        {
            if (file.IsNew && Volume.Shard.GetInfo(file.Path) is null or { Size: 0 })
                continue;
            FileStatus status = Volume.GetStatus(file.Path);
            status.Problem.Should().BeNull(file.Path);
            status.Size.Should().Be(file.Bytes.Length, file.Path);
            if (!file.IsNew)
                FactsOf(file, status);
            if (status.Record is { } record && status.State != FileState.Regular)
            {
                record.Size.Should().Be(file.Bytes.Length, file.Path);
                record.Digest.Should().Be(ContentDigest.Of(file.Bytes), file.Path);
                record.Modified.Should().Be(CrashFile.Modified, file.Path);
            }
            if (!status.IsStub)
                Same(file.ReadDirectly(Volume.Shard), file, $"a program that knows nothing of stubs reads it, and it is {status.State}");
            if (keepsTimes && !file.IsNew && status.State is FileState.Regular or FileState.Archived)
                status.Info.Modified.Should().Be(CrashFile.Modified, file.Path);
            Same(await ReadAsync(file, StubAccess.ReadThrough), file, $"the library reads it, and it is {status.State}");
        }
        MigrationSummary verified = await Volume.VerifyAsync("", deep: true, ShardWork.InOrder);
        verified.Failures.Should().BeEmpty();
    }

    /// <summary>The work is done: every file is in its state, with its size, times, mode and owner.</summary>
    /// <param name="scenario">The work.</param>
    /// <param name="keepsOrder">Whether what was done before the last record was written is there, when that is.</param>
    public void End(CrashScenario scenario, bool keepsOrder) => End(scenario.Files, scenario.End, scenario.Pins, keepsOrder);

    private void End(IEnumerable<CrashFile> files, FileState state, bool isPinned, bool keepsOrder)
    {
        foreach (CrashFile file in files)
        {
            FileStatus status = Volume.GetStatus(file.Path);
            status.State.Should().Be(state, file.Path);
            status.IsPinned.Should().Be(isPinned, file.Path);
            FactsOf(file, status);
            if (!keepsOrder)
                continue;
            status.Info.Modified.Should().Be(CrashFile.Modified, file.Path);
            if (state != FileState.Released)
                continue;
            using IShardFile open = Volume.Shard.Open(file.Path, ShardOpenOptions.Read);
            open.TryFindData(0, out _, out _).Should().BeFalse("the blocks of {0} are to be freed", file.Path);
        }
    }

    /// <summary>A sweep finds every object that no record points at, and deletes these and no other.</summary>
    public async Task SweepAsync()
    {
        HashSet<ObjectKey> needed = [.. Volume.EnumerateStatus("")
            .Where(file => file.Record is { State: not FileState.Regular }).Select(file => file.Record!.Key)];
        HashSet<ObjectKey> there = await ObjectsAsync();
        there.Should().Contain(needed);
        SweepSummary found = await Volume.SweepAsync(ShardWork.SweepAtOnce);
        found.Gaps.Should().BeEmpty();
        if (found.Due == 0)
            found.Orphans.Should().Be(there.Count - needed.Count);
        if (found.Orphans > 0)
            age();
        await Volume.SweepAsync(ShardWork.SweepAtOnce);
        (await ObjectsAsync()).Should().BeEquivalentTo(needed);
    }

    /// <summary>Nothing is left in the shard's own folder.</summary>
    public void ControlFolderIsClean()
    {
        NodeRegistry.List(Volume.Shard, Volume.Descriptor).Should().BeEmpty();
        Names(".clusterhsm/nodes").Should().BeEmpty();
        Names(".clusterhsm").Except(["signal", "quiesce", "shard.json", "nodes", "orphans"]).Should().BeEmpty();

        IEnumerable<string> Names(string folder) => Volume.Shard.ReadDirectory(folder).Select(entry => entry.Name);
    }

    /// <summary>In the end it comes back: the first and the last file.</summary>
    public async Task RecallAsync(CrashScenario scenario, bool keepsOrder)
    {
        CrashFile[] files = [scenario.Files[0], scenario.Files[^1]];
        foreach (CrashFile file in files)
        {
            Same(await ReadAsync(file, StubAccess.Recall), file, "the library recalls it");
            Same(file.ReadDirectly(Volume.Shard), file, "it is recalled");
        }
        End(files, FileState.Archived, scenario.Pins, keepsOrder);
    }

    private static void Same(byte[] read, CrashFile file, string because) =>
        read.AsSpan().SequenceEqual(file.Bytes).Should().BeTrue("{0} must have its bytes: {1}", file.Path, because);

    private static void FactsOf(CrashFile file, FileStatus status)
    {
        status.Info.Mode.Should().Be(CrashFile.Mode, file.Path);
        if (file.Owner != 0)
            status.Info.UserId.Should().Be(file.Owner, file.Path);
    }

    private async Task<byte[]> ReadAsync(CrashFile file, StubAccess access)
    {
        await using HsmFile open = await Volume.OpenFileAsync(file.Path, new HsmOpenOptions { StubAccess = access });
        using MemoryStream copy = new();
        await open.AsStream().CopyToAsync(copy);
        return copy.ToArray();
    }

    private async Task<HashSet<ObjectKey>> ObjectsAsync()
    {
        HashSet<ObjectKey> keys = [];
        await foreach (StoredObject found in stepped.Store.ListAsync(Volume.Descriptor.ShardId))
            keys.Add(found.Key);
        return keys;
    }
}
