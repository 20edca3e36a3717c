using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A recall that cannot be: an error that names the thing, the stub as it was, and it works once the cause is gone.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRecallFailures : NodeScenarioFixture
{
    [Test]
    public async Task The_object_is_missing()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        string name = Shard.Objects().Single();
        File.Move(name, name + ".away");

        ObjectMissingException error = await FailsAsync<ObjectMissingException>(volume, "f");

        error.Message.Should().Contain(volume.GetStatus("f").ObjectKey!.Value.ToString());
        File.Move(name + ".away", name);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_digest_is_wrong()
    {
        byte[] bytes = await WriteStubAsync("f", 2_500_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        byte[] damaged = (byte[])bytes.Clone();
        damaged[2_400_000] ^= 1;
        ReplaceObject(damaged);

        DigestMismatchException error = await FailsAsync<DigestMismatchException>(volume, "f");

        error.Message.Should().Contain(volume.GetStatus("f").ObjectKey!.Value.ToString());
        ReplaceObject(bytes);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_object_is_too_short()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        ReplaceObject(bytes[..49_999]);

        (await FailsAsync<DigestMismatchException>(volume, "f")).Message.Should().Contain("49999 bytes, but 50000");

        ReplaceObject(bytes);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_store_goes_away_while_the_volume_is_open()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.VerifyAsync("");
        Directory.Move(Shard.StoreFolder, Shard.StoreFolder + "-away");

        await FailsAsync<StoreUnavailableException>(volume, "f");

        Directory.Move(Shard.StoreFolder + "-away", Shard.StoreFolder);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_store_is_not_there_when_the_volume_is_opened()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        Directory.Move(Shard.StoreFolder, Shard.StoreFolder + "-away");
        await using HsmVolume volume = await Shard.OpenAsync();

        await FailsAsync<StoreUnavailableException>(volume, "f");

        Directory.Move(Shard.StoreFolder + "-away", Shard.StoreFolder);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_store_fails_half_way()
    {
        byte[] bytes = await WriteStubAsync("f", 2_500_000);
        await using ComposedNode node = Compose();
        node.Store.BeforeRead = (offset, _) => offset < 2_000_000
            ? Task.CompletedTask : throw new StoreUnavailableException(Shard.StoreFolder, "it was pulled out", "Plug it in");

        await FailsAsync<StoreUnavailableException>(node.Volume, "f");

        node.Store.BeforeRead = null;
        (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task The_store_is_slow_others_who_wait_for_the_file_are_told_after_their_timeout_and_the_recall_goes_on()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using ComposedNode node = Compose();
        Gate gate = new(node.Store);
        Task<byte[]> slow = node.Volume.ReadAllAsync("f");
        await gate.Reached;
        await using HsmVolume impatient = await Shard.OpenAsync(LocalShard.OutsideTheCluster with { LockTimeout = TimeSpan.FromMilliseconds(30) });

        Func<Task> waiting = () => impatient.ReadAllAsync("f");

        (await waiting.Should().ThrowAsync<FileBusyException>()).Which.Path.Should().Be(Shard.PathOf("f"));
        gate.Open();
        (await slow).Should().Equal(bytes);
        (await impatient.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task Data_that_another_program_wrote_into_a_stub_is_not_overwritten()
    {
        byte[] bytes = await WriteStubAsync("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        using (IShardFile foreign = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
            foreign.Write("foreign"u8, 20_000);

        Func<Task> reading = () => volume.ReadAllAsync("f");

        await reading.Should().ThrowAsync<ForeignDataException>();
        byte[] seen = new byte[7];
        using IShardFile after = volume.Shard.Open("f", ShardOpenOptions.Read);
        after.Read(seen, 20_000);
        seen.Should().Equal("foreign"u8.ToArray());
        Shell.Run($"fallocate --punch-hole --length 50000 '{Shard.PathOf("f")}'").Should().BeTrue("that is the way out that the error names");
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    private static async Task<T> FailsAsync<T>(HsmVolume volume, string path) where T : HsmException
    {
        FileStatus before = volume.GetStatus(path);
        Func<Task> reading = () => volume.ReadAllAsync(path);

        T error = (await reading.Should().ThrowAsync<T>()).Which;

        error.Remedy.Should().NotBeEmpty();
        FileStatus after = volume.GetStatus(path);
        after.State.Should().Be(FileState.Released);
        (after.Size, after.Info.Modified, after.Record).Should().Be((before.Size, before.Info.Modified, before.Record));
        after.AllocatedBytes.Should().BeLessThanOrEqualTo(4096, "no part of the data is left");
        return error;
    }

    /// <summary>Puts other bytes in the place of the only object. Objects are read-only, so it is made anew.</summary>
    private void ReplaceObject(byte[] bytes)
    {
        string name = Shard.Objects().Single();
        File.Delete(name);
        File.WriteAllBytes(name, bytes);
    }
}
