using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>On a shard with a key, a record that was made or changed without it is refused by name, and nothing is changed.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfSignedRecords : NodeScenarioFixture
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => new(lease: lease, signRecords: true);

    [Test]
    public async Task A_file_goes_there_and_back_and_every_record_on_the_way_is_signed()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();

        await volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        Record(volume, "f").Should().Contain("\"state\":\"archived\"").And.Contain("\"hmac\":\"hmac-sha256:");
        (await volume.ReleaseAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
        Record(volume, "f").Should().Contain("\"state\":\"released\"").And.Contain("\"hmac\":\"hmac-sha256:");
        (await volume.VerifyAsync("", deep: true)).Verified.Should().Be(1);
        (await volume.SweepAsync()).Orphans.Should().Be(0);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);

        Record(volume, "f").Should().Contain("\"state\":\"archived\"").And.Contain("\"hmac\":\"hmac-sha256:");
        volume.GetStatus("f").State.Should().Be(FileState.Archived);
    }

    [Test]
    public async Task Another_node_believes_what_this_one_has_signed_and_this_one_believes_the_other()
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume here = await Shard.OpenAsync();
        await here.MakeStubAsync("f");
        NodeChild there = await StartNodeAsync();

        (await there.AskAsync("read-all", "f")).Should().Be(NodeChild.Read(bytes));
        (await there.AskAsync("recalled-bytes")).Should().Be("50000", "the other has recalled it, and signed what it is now");

        FileStatus signedThere = here.GetStatus("f");
        (signedThere.State, signedThere.HasWrongSignature).Should().Be((FileState.Archived, false));
        await here.MakeStubAsync("f");
        (await here.ReadAllAsync("f")).Should().Equal(bytes);
        Shard.Objects().Should().ContainSingle("what the other has signed is a good copy");
    }

    [Test]
    public Task A_record_without_a_signature() => RefusedAsync((record, _) => StubRecordCodec.Encode(record));

    [Test]
    public Task A_record_signed_with_another_key() => RefusedAsync((record, inode) => StubRecordCodec.Encode(record, ShardKey.New().Bytes, inode));

    [Test]
    public Task A_record_that_was_changed() => RefusedAsync(
        (record, _) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_signed).Replace(record.Key.ObjectId.ToString("N"), Guid.NewGuid().ToString("N"))));

    [Test]
    public async Task A_record_of_another_file_of_the_same_shard()
    {
        Shard.Write("secret", 50_000);
        await using (HsmVolume volume = await Shard.OpenAsync())
        {
            await volume.MakeStubAsync("secret");
            byte[] stolen = volume.Shard.ReadAttribute("secret", StubRecord.AttributeName)!;
            await RefusedAsync((_, _) => stolen);
        }
    }

    [Test]
    public async Task A_stub_that_is_copied_with_its_attribute_is_refused_by_name_and_gives_no_zeros_and_an_export_restores_it()
    {
        byte[] bytes = Shard.Write("f", 300_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");
        Shell.Run($"cp --sparse=always --preserve=all '{Shard.PathOf("f")}' '{Shard.PathOf("copy")}'").Should().BeTrue();

        Func<Task> reading = () => volume.ReadAllAsync("copy");

        (await reading.Should().ThrowAsync<UntrustedRecordException>()).Which.Remedy.Should().Contain("import");
        volume.GetStatus("copy").HasWrongSignature.Should().BeTrue();
        StubExport export = volume.Export("f")!;
        File.Delete(Shard.PathOf("f"));
        (await volume.ImportAsync([export], LocalShard.AtOnce)).Imported.Should().Be(1);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task An_export_that_was_changed_or_made_elsewhere_is_refused_unless_it_is_asked_for()
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");
        StubExport.TryParse(volume.Export("f")!.ToString(), out StubExport? export, out _).Should().BeTrue();
        StubExport elsewhere = export! with { Path = "stolen" };

        foreach (StubExport forged in (StubExport[])[elsewhere, elsewhere with { Signature = null }, elsewhere with { Mode = (UnixFileMode)0xFFF }])
            (await volume.ImportAsync([forged], LocalShard.AtOnce)).Failures.Single().Error.Should().BeOfType<UntrustedRecordException>();

        File.Exists(Shard.PathOf("stolen")).Should().BeFalse();
        Shard.Objects().Should().HaveCount(1);
        (await volume.ImportAsync([elsewhere], LocalShard.AtOnce with { AcceptUnsigned = true })).Imported.Should().Be(1);
        (await volume.ReadAllAsync("stolen")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_rename_leaves_a_record_valid_for_status_and_sweep()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");

        File.Move(Shard.PathOf("f"), Shard.PathOf("g"));

        volume.GetStatus("g").State.Should().Be(FileState.Released);
        (await volume.SweepAsync()).Should().BeEquivalentTo(new { Orphans = 0, Objects = 1 }, options => options.ExcludingMissingMembers());
    }

    [Test]
    public async Task The_key_is_not_told_in_any_status_export_or_message()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");
        string key = File.ReadAllText(Shard.PathOf(ControlFolder.KeyPath)).Trim();

        key.Should().HaveLength(64);
        foreach (string told in (string[])[$"{volume.Export("f")}", $"{volume.GetStatus("f")}", $"{volume.Descriptor}", Record(volume, "f"),
            File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath)), $"{ShardKey.Parse(Encoding.ASCII.GetBytes(key + "\n"))}"])
            told.Should().NotContainEquivalentOf(key);
    }

    [Test]
    public void The_key_is_for_its_owner_only() =>
        File.GetUnixFileMode(Shard.PathOf(ControlFolder.KeyPath)).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

    [TestCase("", "is not a key")]
    [TestCase("0123", "is not a key")]
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000\n", "not the key that the shard was made with")]
    public async Task Another_key_in_its_place_is_refused_by_name(string text, string named)
    {
        File.WriteAllText(Shard.PathOf(ControlFolder.KeyPath), text);
        Func<Task> opening = async () => await Shard.OpenAsync();
        (await opening.Should().ThrowAsync<InvalidShardException>()).Which.Cause.Should().Contain(named);
    }

    [Test]
    public async Task Without_its_key_a_shard_is_read_and_nothing_that_writes_a_record_is_begun()
    {
        byte[] bytes = Shard.Write("f", 5000);
        Shard.Write("g", 10);
        await using (HsmVolume before = await Shard.OpenAsync())
            await before.MakeStubAsync("f");
        File.Delete(Shard.PathOf(ControlFolder.KeyPath));
        await using HsmVolume volume = await Shard.OpenAsync();
        string record = Record(volume, "f");

        (await volume.ReadAllAsync("f", StubAccess.ReadThrough)).Should().Equal(bytes);
        foreach (Func<Task> work in (Func<Task>[])[() => volume.ReadAllAsync("f"), () => volume.MigrateAsync(["g"]), () => volume.ReleaseAsync(["g"]),
            () => volume.VerifyAsync(""), () => volume.SweepAsync(), () => volume.ImportAsync([])])
            (await work.Should().ThrowAsync<InvalidShardException>()).Which.Cause.Should().Be("the shard's key is missing");
        Action truncating = () => volume.OpenFile("f", new HsmOpenOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite });
        truncating.Should().Throw<InvalidShardException>();

        Record(volume, "f").Should().Be(record);
        Shard.Objects().Should().HaveCount(1);
    }

    [Test]
    public void A_version_that_knows_no_keys_refuses_the_shard()
    {
        string text = File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath));
        text.Should().Contain("\"format\": 2", "version 1 refuses every format above 1");
        foreach (string changed in (string[])[text.Replace("\"format\": 2", "\"format\": 1"), text.Replace("keyId", "key-id")])
        {
            Action reading = () => ShardDescriptorJson.Read(Encoding.UTF8.GetBytes(changed), "shard.json");
            reading.Should().Throw<InvalidShardException>().Which.Cause.Should().Contain("keyId");
        }
    }

    [Test]
    public void A_shard_without_a_key_is_still_one_that_version_1_reads()
    {
        using LocalShard plain = new();
        File.ReadAllText(plain.PathOf(ControlFolder.DescriptorPath)).Should().Contain("\"format\": 1").And.NotContain("keyId");
        File.Exists(plain.PathOf(ControlFolder.KeyPath)).Should().BeFalse();
    }

    private byte[] _signed = [];

    private async Task RefusedAsync(Func<StubRecord, ulong, byte[]> spoil)
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");
        FileStatus status = volume.GetStatus("f");
        _signed = volume.Shard.ReadAttribute("f", StubRecord.AttributeName)!;
        byte[] spoilt = spoil(status.Record!, status.Info.Identity.Inode);
        Set(volume, spoilt);
        ShardFileInfo before = volume.GetStatus("f").Info;

        foreach (StubAccess access in (StubAccess[])[StubAccess.Recall, StubAccess.ReadThrough])
        {
            Func<Task> reading = () => volume.ReadAllAsync("f", access);
            UntrustedRecordException error = (await reading.Should().ThrowAsync<UntrustedRecordException>()).Which;
            (error.Path, error.Error).Should().Be((Shard.PathOf("f"), HsmError.UntrustedRecord));
        }
        volume.GetStatus("f").Should().BeEquivalentTo(new { HasWrongSignature = true, Record = (StubRecord?)null });
        Action exporting = () => volume.Export("f");
        exporting.Should().Throw<UntrustedRecordException>();
        foreach (Task<MigrationSummary> work in (Task<MigrationSummary>[])[volume.RecallAsync(["f"]), volume.VerifyAsync("f"), volume.ReleaseAsync(["f"], LocalShard.AtOnce),
            volume.MigrateAsync(["f"], LocalShard.AtOnce)])
            (await work).Failures.Single().Error.Should().BeOfType<UntrustedRecordException>();
        foreach (Action marking in (Action[])[() => volume.Pin("f"), () => volume.Unpin("f")])
            marking.Should().Throw<UntrustedRecordException>();
        volume.GetStatus("f").IsPinned.Should().BeFalse();
        ScanGap gap = (await volume.SweepAsync()).Gaps.Single();
        (gap.Path, gap.Error).Should().Be((Shard.PathOf("f"), HsmError.UntrustedRecord));

        volume.Shard.ReadAttribute("f", StubRecord.AttributeName).Should().Equal(spoilt, "nothing was changed");
        volume.GetStatus("f").Info.Should().Be(before);
        Set(volume, _signed);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    private static void Set(HsmVolume volume, byte[] record)
    {
        using IShardFile file = volume.Shard.Open("f", ShardOpenOptions.ReadWrite);
        file.WriteAttribute(StubRecord.AttributeName, record);
    }

    private static string Record(HsmVolume volume, string path) => Encoding.UTF8.GetString(volume.Shard.ReadAttribute(path, StubRecord.AttributeName)!);
}
