using System.IO.MemoryMappedFiles;
using ClusterHsm.Coordination;
using ClusterHsm.Stubs;
using FluentAssertions;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>R7: a handle or a mapping that was handed out cannot be looked at after a read, so its file is not released.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class RawHandleTests : ScenarioFixture
{
    [Test]
    public async Task R7_a_file_whose_handle_was_handed_out_in_relaxed_mode_is_not_released_until_it_is_closed()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using HsmVolume node = await Shard.OpenAsync(new HsmVolumeOptions { Signal = new() { PollInterval = TimeSpan.FromMilliseconds(50) } });
        await node.Monitor!.WaitForModeAsync(LockMode.Relaxed).WaitAsync(TimeSpan.FromSeconds(30));
        await using (HsmFile file = await node.OpenFileAsync("f"))
        {
            file.Mode.Should().Be(LockMode.Relaxed);
            SafeFileHandle handle = await file.GetHandleAsync();
            file.Mode.Should().Be(LockMode.Strict);

            (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });
            await node.Monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(TimeSpan.FromSeconds(30));
            file.Read(new byte[10], 0).Should().Be(10);
            (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(0, "a read in relaxed mode does not give the lock back");

            byte[] seen = new byte[50_000];
            RandomAccess.Read(handle, seen, 0).Should().Be(50_000);
            seen.Should().Equal(bytes);
        }

        (await migrator.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
    }

    [Test]
    public async Task A_stub_is_recalled_before_its_handle_is_handed_out_and_can_be_mapped()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using HsmVolume node = await Shard.OpenAsync(new HsmVolumeOptions { Signal = new() { PollInterval = TimeSpan.FromMilliseconds(50) } });
        await node.Monitor!.WaitForModeAsync(LockMode.Relaxed).WaitAsync(TimeSpan.FromSeconds(30));
        await using HsmFile file = await node.OpenFileAsync("f");
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);

        SafeFileHandle handle = await file.GetHandleAsync();

        using FileStream stream = new(handle, FileAccess.Read);
        using MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewStream view = mapping.CreateViewStream(0, bytes.Length, MemoryMappedFileAccess.Read);
        byte[] seen = new byte[bytes.Length];
        view.ReadExactly(seen);
        seen.Should().Equal(bytes);
    }

    [Test]
    public async Task A_stub_that_is_not_to_be_recalled_hands_out_no_handle()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        foreach (StubAccess access in (StubAccess[])[StubAccess.ReadThrough, StubAccess.StubOnly])
        {
            await using HsmFile file = await volume.OpenFileAsync("f", new HsmOpenOptions { StubAccess = access });
            Func<Task> handing = async () => await file.GetHandleAsync();
            await handing.Should().ThrowAsync<StubFileException>();
        }
        volume.GetStatus("f").State.Should().Be(FileState.Released);
    }
}
