using System.Text;
using System.Text.Json.Nodes;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A record or a shard that cannot be believed is refused by name through the volume, and nothing is changed.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfRecords : NodeScenarioFixture
{
    [Test]
    public Task A_record_of_a_newer_version() => RefusedAsync(
        record => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(StubRecordCodec.Encode(record)).Replace("\"clusterhsm\":1", "\"clusterhsm\":2")), "format version 2");

    [Test]
    public Task A_truncated_record() => RefusedAsync(record => StubRecordCodec.Encode(record)[..^20], "cannot be believed");

    [Test]
    public Task An_oversized_record() => RefusedAsync(
        record => [.. StubRecordCodec.Encode(record), .. new byte[StubRecordCodec.MaxLength]], $"longer than {StubRecordCodec.MaxLength} bytes");

    [Test]
    public Task A_record_of_another_shard() => RefusedAsync(record =>
    {
        Guid other = Guid.NewGuid();
        return StubRecordCodec.Encode(record with { ShardId = other, Key = new ObjectKey(other, record.Key.ObjectId) });
    }, "was made on the shard");

    [Test]
    public Task A_key_of_another_shard() => RefusedAsync(
        record => StubRecordCodec.Encode(record with { Key = new ObjectKey(Guid.NewGuid(), record.Key.ObjectId) }), "another shard");

    [Test]
    public async Task A_shard_of_a_newer_format()
    {
        string path = Shard.PathOf(".clusterhsm/shard.json");
        byte[] text = File.ReadAllBytes(path);
        JsonObject descriptor = (JsonObject)JsonNode.Parse(text)!;
        descriptor.First().Key.Should().Be("format");
        descriptor["format"] = ClusterHsm.Coordination.ShardDescriptor.CurrentFormat + 1;
        File.WriteAllText(path, descriptor.ToJsonString());

        Func<Task> opening = () => HsmVolume.OpenAsync(Shard.Root).AsTask();

        ShardFormatException error = (await opening.Should().ThrowAsync<ShardFormatException>()).Which;
        (error.Error, error.Path).Should().Be((HsmError.NewerFormat, path));
        File.WriteAllBytes(path, text);
        await using HsmVolume volume = await Shard.OpenAsync();
    }

    private async Task RefusedAsync(Func<StubRecord, byte[]> spoil, string named)
    {
        byte[] bytes = await WriteStubAsync("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        StubRecord record = volume.GetStatus("f").Record!;
        byte[] spoilt = spoil(record);
        using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
            file.WriteAttribute(StubRecord.AttributeName, spoilt);

        foreach (StubAccess access in (StubAccess[])[StubAccess.Recall, StubAccess.ReadThrough])
        {
            Func<Task> reading = () => volume.ReadAllAsync("f", access);
            InvalidRecordException error = (await reading.Should().ThrowAsync<InvalidRecordException>()).Which;
            (error.Path, error.Cause.Contains(named)).Should().Be((Shard.PathOf("f"), true), error.Message);
        }
        (await volume.RecallAsync(["f"])).Failures.Single().Error.Should().BeOfType<InvalidRecordException>();
        (await volume.MigrateAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Archived = 0L, Released = 0L });

        volume.Shard.ReadAttribute("f", StubRecord.AttributeName).Should().Equal(spoilt, "nothing was changed");
        using (IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite))
            FileRecord.Write(file, record, RecordSeal.None);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }
}
