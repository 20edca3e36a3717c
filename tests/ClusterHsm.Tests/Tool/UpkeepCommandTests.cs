using System.Text.Json;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>sweep, export and import as processes.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UpkeepCommandTests : ToolFixture
{
    [Test]
    public async Task Sweep_tells_what_waits_and_deletes_what_is_due()
    {
        byte[] kept = Shard.Write("kept", 5000);
        Shard.Write("gone", 5000);
        await MigrateAsync("kept", "gone");
        File.Delete(Shard.PathOf("gone"));

        ToolResult dry = await ToolProcess.RunAsync("sweep", "--dry-run", Shard.Root);
        File.Exists(Shard.PathOf(".clusterhsm/orphans")).Should().BeFalse();
        ToolResult first = await ToolProcess.RunAsync("sweep", "--json", Shard.Root);
        Shard.Objects().Should().HaveCount(2);
        Shard.LetOrphansAge(TimeSpan.FromDays(1));
        ToolResult second = await ToolProcess.RunAsync("sweep", "--grace", "1d", Shard.Root);

        (dry.End, first.End, second.End).Should().Be((Done, Done, Done));
        dry.Lines.Should().HaveCount(2);
        dry.Lines[0].Should().StartWith("waits").And.Contain("without a record since");
        dry.Lines[1].Should().Be("2 objects, 1 orphans (4.9 KiB), would delete 0 (0 B)");
        first.Objects.Should().HaveCount(2);
        (first.Objects[0].GetProperty("isDue").GetBoolean(), first.Objects[1].GetProperty("orphans").GetInt64()).Should().Be((false, 1));
        second.Lines[^1].Should().Be("2 objects, 1 orphans (4.9 KiB), deleted 1 (4.9 KiB)");
        Shard.Objects().Should().ContainSingle();
        (await ReadAsync("kept")).Should().Equal(kept);
    }

    [TestCase("--grace", "5m")]
    [TestCase("--grace", "soon")]
    public async Task Sweep_refuses_a_grace_time_that_is_none(params string[] options) =>
        (await ToolProcess.RunAsync(["sweep", Shard.Root, .. options])).ExitCode.Should().Be(2);

    [TestCase("sweep")]
    [TestCase("import")]
    public async Task What_is_done_to_a_whole_shard_is_not_done_to_a_folder(string command)
    {
        Directory.CreateDirectory(Shard.PathOf("folder"));

        ToolResult result = await ToolProcess.RunAsync(command, Shard.PathOf("folder"));

        result.ExitCode.Should().Be((int)HsmError.NotAShard);
        result.Errors.Should().Contain(Shard.Root);
    }

    [Test]
    public async Task An_export_of_one_shard_becomes_stubs_on_another()
    {
        byte[] bytes = Shard.Write("d/stub", 5000);
        byte[] copied = Shard.Write("d/archived", 6000);
        Shard.Write("d/plain", 10);
        await MigrateAsync("d/stub");
        await ArchiveAsync("d/archived");
        using LocalShard other = new(Shard.StoreFolder);
        string file = Path.Combine(Path.GetDirectoryName(other.Root)!, "stubs.jsonl");

        ToolResult export = await ToolProcess.RunAsync("export", "-r", Shard.PathOf("d"));
        await File.WriteAllTextAsync(file, export.Output + "\n");
        ToolResult import = await ToolProcess.RunAsync("import", "--json", other.Root, file);

        export.ExitCode.Should().Be(0);
        export.Lines.Should().HaveCount(2);
        export.Errors.Should().Contain("exported 2; 1 have no valid copy");
        import.End.Should().Be(Done);
        JsonElement summary = import.Objects[^1];
        summary.GetProperty("imported").GetInt64().Should().Be(2);
        await using HsmVolume volume = await other.OpenAsync();
        volume.GetStatus("d/stub").State.Should().Be(FileState.Released);
        (await volume.ReadAllAsync("d/stub")).Should().Equal(bytes);
        (await volume.ReadAllAsync("d/archived")).Should().Equal(copied);
    }

    [Test]
    public async Task A_line_that_is_no_export_is_named_and_the_others_are_imported()
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        string line;
        await using (HsmVolume volume = await Shard.OpenAsync())
            line = volume.Export("f")!.ToString();
        File.Delete(Shard.PathOf("f"));
        string file = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "stubs.jsonl");
        await File.WriteAllLinesAsync(file, ["{garbage", "", line]);

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, file);

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord);
        result.Errors.Should().Contain($"{file}, line 1");
        (await StateAsync("f")).Should().Be(FileState.Released);
    }

    [Test]
    public async Task An_import_over_data_is_refused_by_an_exit_code_of_its_own_and_changes_nothing()
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        string file = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "stubs.jsonl");
        await using (HsmVolume volume = await Shard.OpenAsync())
            await File.WriteAllTextAsync(file, (volume.Export("f")! with { Path = "data" }).ToString());
        Shard.Write("data", 5000);
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsync("import", Shard.Root, file);
        ToolResult missing = await ToolProcess.RunAsync("import", Shard.Root, file + ".none");

        result.ExitCode.Should().Be((int)HsmError.AlreadyExists);
        missing.ExitCode.Should().Be((int)HsmError.NotFound);
        (await SnapshotAsync()).Should().Equal(before);
    }
}
