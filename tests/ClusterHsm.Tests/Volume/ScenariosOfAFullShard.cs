using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A shard without space for the data that is to come back: a small tmpfs, which only root can mount.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfAFullShard : ScenarioFixture
{
    private Mount? _mount;

    [TearDown]
    public void Unmount() => _mount?.Dispose();

    [Test]
    public async Task A_recall_for_which_there_is_no_space_leaves_the_stub_as_it_was_and_works_when_there_is()
    {
        byte[] bytes = Shard.Write("f", 5_000_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");
        FileStatus before = volume.GetStatus("f");
        Shard.Write("filler", 5_000_000);

        Func<Task> reading = () => volume.ReadAllAsync("f");

        (await reading.Should().ThrowAsync<NoSpaceException>()).Which.Path.Should().Be(Shard.PathOf("f"));
        FileStatus after = volume.GetStatus("f");
        (after.State, after.Size, after.Info.Modified, after.AllocatedBytes, after.Record)
            .Should().Be((FileState.Released, 5_000_000L, before.Info.Modified, 0L, before.Record));
        (await volume.ReadAllAsync("f", StubAccess.ReadThrough)).Should().Equal(bytes, "that needs no space");

        File.Delete(Shard.PathOf("filler"));
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    private protected override LocalShard NewShard(TimeSpan? lease = null) =>
        new(lease: lease, prepareRoot: root => _mount = Mount.Tmpfs(root, "8m"));
}
