using System.Diagnostics;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A shard without space for the data that is to come back: a small tmpfs, which only root can mount.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfAFullShard : ScenarioFixture
{
    private const int Capacity = 8 << 20;

    private string? _mounted;

    [TearDown]
    public void Unmount()
    {
        if (_mounted is not null)
            Run("umount", "--lazy", _mounted);
    }

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

    private protected override LocalShard NewShard()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore("Only root can mount a file system.");
        return new LocalShard(prepareRoot: root =>
        {
            if (!Run("mount", "-t", "tmpfs", "-o", $"size={Capacity}", "tmpfs", root))
                Assert.Ignore("A tmpfs cannot be mounted here (a container without CAP_SYS_ADMIN?).");
            _mounted = root;
        });
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
