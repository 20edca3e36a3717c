using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Stubs that are copied, exported and imported.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfStubsElsewhere : ScenarioFixture
{
    private static readonly UnixFileMode Mode = (UnixFileMode)0x1A0;

    [TestCase("cp", "--sparse=always --preserve=all {0} {1}")]
    [TestCase("rsync", "-aX {0} {1}")]
    [TestCase("tar", null)]
    public async Task A_stub_that_is_copied_with_its_attribute_recalls(string program, string? arguments)
    {
        if (!File.Exists($"/usr/bin/{program}"))
            Assert.Ignore($"{program} is not installed here");
        byte[] bytes = Shard.Write("f", 300_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        Directory.CreateDirectory(Shard.PathOf("copies"));

        string command = arguments is null
            ? $"tar -C {Shard.Root} --sparse --xattrs --xattrs-include='user.*' -cf - f | tar -C {Shard.PathOf("copies")} --xattrs --xattrs-include='user.*' -xf -"
            : $"{program} {string.Format(arguments, Shard.PathOf("f"), Shard.PathOf("copies/f"))}";
        Shell.Run(command).Should().BeTrue(command);

        volume.GetStatus("copies/f").State.Should().Be(FileState.Released);
        (await volume.ReadAllAsync("copies/f")).Should().Equal(bytes);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    /// <remarks>Nothing on the disk tells such a copy from a file of zeros: README, "Not guaranteed".</remarks>
    [TestCase("cp", "--sparse=always {0} {1}")]
    [TestCase("cp", "--sparse=auto {0} {1}")]
    [TestCase("cp", "{0} {1}")]
    [TestCase("rsync", "-a {0} {1}")]
    public async Task A_stub_that_is_copied_without_its_attribute_is_a_file_of_zeros_and_the_stub_stays_what_it_was(string program, string arguments)
    {
        if (!File.Exists($"/usr/bin/{program}"))
            Assert.Ignore($"{program} is not installed here");
        byte[] bytes = Shard.Write("f", 300_000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync("f");

        Shell.Run($"{program} {string.Format(arguments, Shard.PathOf("f"), Shard.PathOf("copy"))}").Should().BeTrue();

        (volume.GetStatus("copy").State, volume.GetStatus("copy").Size).Should().Be((FileState.Regular, 300_000L));
        (await volume.ReadAllAsync("copy")).Should().OnlyContain(b => b == 0, "the record did not come along, and no program can tell");
        volume.GetStatus("f").State.Should().Be(FileState.Released);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_stub_that_is_copied_to_another_shard_is_refused_by_name_and_gives_no_zeros()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        using LocalShard other = new(Shard.StoreFolder);
        await using HsmVolume there = await other.OpenAsync();
        using (IShardFile copy = there.Shard.Open("f", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create))
        {
            FileRecord.Write(copy, volume.GetStatus("f").Record!, RecordSeal.None);
            copy.SetLength(5000);
        }

        Func<Task> reading = () => there.ReadAllAsync("f");

        (await reading.Should().ThrowAsync<InvalidRecordException>()).Which.Remedy.Should().Contain("import");
    }

    [Test]
    public async Task An_export_of_one_shard_is_imported_on_another_and_each_has_its_own_object()
    {
        byte[] bytes = Shard.Write("a/b/f", 50_000);
        File.SetUnixFileMode(Shard.PathOf("a/b/f"), Mode);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["a/b/f"], LocalShard.AtOnce);
        FileStatus original = volume.GetStatus("a/b/f");
        string line = volume.Export("a/b/f")!.ToString();
        using LocalShard other = new(Shard.StoreFolder);
        await using HsmVolume there = await other.OpenAsync();

        StubExport.TryParse(line, out StubExport? export, out string? problem).Should().BeTrue(problem);
        (await there.ImportAsync([export!], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Imported = 1L, Failed = 0L, Handovers = 1 });

        FileStatus stub = there.GetStatus("a/b/f");
        (stub.State, stub.Size, stub.Info.Modified, stub.Info.Mode, stub.Info.UserId, stub.Info.GroupId)
            .Should().Be((FileState.Released, original.Size, original.Info.Modified, Mode, original.Info.UserId, original.Info.GroupId));
        stub.ObjectKey.Should().NotBe(original.ObjectKey);
        File.Delete(Shard.PathOf("a/b/f"));
        foreach (string gone in Shard.Objects().Where(name => name.Contains(original.ObjectKey!.Value.ObjectId.ToString("N"))).ToArray())
            File.Delete(gone);
        (await there.ReadAllAsync("a/b/f")).Should().Equal(bytes);
        there.GetStatus("a/b/f").Info.Modified.Should().Be(original.Info.Modified);
    }

    [Test]
    public async Task A_deleted_stub_is_made_again_from_its_export()
    {
        byte[] bytes = Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;
        File.Delete(Shard.PathOf("f"));

        (await volume.ImportAsync([export], LocalShard.AtOnce)).Imported.Should().Be(1);
        (await volume.ImportAsync([export], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Imported = 0L, Skipped = 1L, Failed = 0L });

        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
        Shard.Objects().Should().HaveCount(2, "the old object is an orphan, the second import has left none");
    }

    [Test]
    public async Task Importing_over_a_file_that_has_data_is_refused_and_changes_nothing()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;
        byte[] present = Shard.Write("taken", 5000);
        Shard.Write("stub", 5000);
        await volume.MigrateAsync(["stub"], LocalShard.AtOnce);
        Shard.Write("empty", 0);

        MigrationSummary summary = await volume.ImportAsync(
            [export with { Path = "taken" }, export with { Path = "stub" }, export with { Path = "empty" }, export with { Path = ".clusterhsm/x" }], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Imported = 1L, Failed = 2L, Skipped = 1L });
        summary.Failures.Should().OnlyContain(failure => failure.Error is HsmAlreadyExistsException);
        File.ReadAllBytes(Shard.PathOf("taken")).Should().Equal(present);
        volume.GetStatus("empty").State.Should().Be(FileState.Released);
        Shard.Objects().Should().HaveCount(3);
    }

    [Test]
    public async Task An_import_leads_nowhere_out_of_the_shard()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;

        MigrationSummary summary = await volume.ImportAsync([export with { Path = "../out" }], LocalShard.AtOnce);

        summary.Failures.Single().Error.Should().BeOfType<OutsideRootException>();
        Shard.Objects().Should().ContainSingle();
    }

    [Test]
    public async Task An_import_whose_object_is_gone_or_in_another_store_fails_by_name_and_makes_nothing()
    {
        Shard.Write("f", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;
        StubExport elsewhere = export with { Path = "g", Record = export.Record with { StoreId = Guid.NewGuid() } };
        File.Delete(Shard.PathOf("f"));
        File.Delete(Shard.Objects().Single());

        MigrationSummary summary = await volume.ImportAsync([export, elsewhere], LocalShard.AtOnce);

        summary.Failures.Select(failure => failure.Error!.Error).Should().BeEquivalentTo([HsmError.ObjectMissing, HsmError.StoreUnavailable]);
        Directory.GetFiles(Shard.Root).Should().BeEmpty();
    }

    [Test]
    public async Task What_has_no_valid_copy_exports_nothing()
    {
        Shard.Write("plain", 5000);
        Shard.Write("stale", 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.ArchiveAsync(["stale"], LocalShard.AtOnce);
        volume.Export("stale")!.Record.State.Should().Be(FileState.Archived);
        Shard.Write("stale", 6000);

        volume.Export("plain").Should().BeNull();
        volume.Export("stale").Should().BeNull();
    }

    [TestCase("name with \"quotes\"\n, a tab\t and \\ a backslash")]
    [TestCase("not UTF-8: \udcff\udc80")]
    [TestCase("ünïcödé 🗄")]
    public async Task Every_name_makes_the_way_through_an_export(string name)
    {
        await using HsmVolume volume = await Shard.OpenAsync();
        using (IShardFile file = volume.Shard.Open(name, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create))
            file.Write("some data"u8, 0);
        await volume.MigrateAsync([name], LocalShard.AtOnce);
        StubExport export = volume.Export(name)!;

        string line = export.ToString();

        line.Should().NotContain("\n");
        StubExport.TryParse(line, out StubExport? read, out _).Should().BeTrue();
        read.Should().Be(export);
    }

    [TestCase("", "JSON")]
    [TestCase("[]", "not a JSON object")]
    [TestCase("{}", "lacks 'path'")]
    [TestCase("{\"path\":\"f\",\"x\":1}", "'x'")]
    [TestCase("{\"path\":\"/etc/f\",\"mode\":\"0644\",\"uid\":0,\"gid\":0,\"mtime\":\"1.000000000\",\"record\":{}}", "record")]
    [TestCase("{\"path\":1,\"mode\":\"0644\",\"uid\":0,\"gid\":0,\"mtime\":\"1.000000000\",\"record\":{}}", "a path is a string")]
    [TestCase("{\"path\":\"f\",\"mode\":\"0644\",\"uid\":-1,\"gid\":0,\"mtime\":\"1.000000000\",\"record\":{}}", "record")]
    public void A_line_that_is_no_export_is_refused_with_the_reason(string line, string reason)
    {
        StubExport.TryParse(line, out _, out string? problem).Should().BeFalse();
        problem.Should().Contain(reason);
    }
}
