using System.Runtime.Versioning;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>A fresh shard for each test of the command. Most of a test's time is waiting for a process, so that several run at once.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public abstract class ToolFixture
{
    private protected static readonly (int, string) Done = (0, "");

    private protected LocalShard Shard { get; private set; } = null!;

    [SetUp]
    public void MakeShard() => Shard = new LocalShard();

    [TearDown]
    public void RemoveShard() => Shard.Dispose();

    private protected static void RequireRoot(string why)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore($"only root can {why}");
    }

    /// <summary>Migrates in this process, without the settle time.</summary>
    private protected async Task MigrateAsync(params string[] names)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        MigrationSummary summary = await volume.MigrateAsync(names, LocalShard.AtOnce);
        Assert.That(summary.Released, Is.EqualTo(names.Length));
    }

    private protected async Task ArchiveAsync(params string[] names)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        MigrationSummary summary = await volume.ArchiveAsync(names, LocalShard.AtOnce);
        Assert.That(summary.Archived, Is.EqualTo(names.Length));
    }

    private protected async Task PinAsync(string name)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.Pin(name);
    }

    private protected async Task<FileStatus> StatusAsync(string name)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        return volume.GetStatus(name);
    }

    private protected async Task<FileState> StateAsync(string name) => (await StatusAsync(name)).State;

    private protected async Task<byte[]> ReadAsync(string name)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        return await volume.ReadAllAsync(name, StubAccess.ReadThrough);
    }

    private protected async Task SetAttributeAsync(string name, string attribute, byte[] value)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        using IShardFile file = volume.Shard.Open(name, ShardOpenOptions.ReadWrite);
        file.WriteAttribute(attribute, value);
    }

    /// <summary>Every file with its times, its blocks and its record, and every object: equal before and after if nothing was changed.</summary>
    private protected async Task<string[]> SnapshotAsync()
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        IEnumerable<string> files = volume.EnumerateStatus("")
            .Select(file => $"{file.Path} {file.Info with { Accessed = default }} {file.Record} {file.Problem} {file.IsPinned}");
        IEnumerable<string> control = Directory.EnumerateFileSystemEntries(Shard.PathOf(".clusterhsm"), "*", SearchOption.AllDirectories);
        IEnumerable<string> objects = Directory.Exists(Shard.StoreFolder) ? Shard.Objects() : [];
        return [.. files.Order(), .. control.Order(), .. objects.Order(), await File.ReadAllTextAsync(Shard.PathOf(".clusterhsm/shard.json"))];
    }
}
