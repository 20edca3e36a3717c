using System.Text.Json;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Each command on a real shard: what it does, what it says, and what it leaves alone.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CommandTests : ToolFixture
{
    [Test]
    public async Task Status_shows_every_state_and_recalls_nothing()
    {
        Shard.Write("regular", 5000);
        Shard.Write("archived", 5000);
        Shard.Write("sub/released", 5000);
        await ArchiveAsync("archived");
        await MigrateAsync("sub/released");
        string[] before = await SnapshotAsync();

        ToolResult text = await ToolProcess.RunAsync("status", "-r", Shard.Root);
        ToolResult json = await ToolProcess.RunAsync("status", "-r", "--json", Shard.Root);

        (text.End, json.End).Should().Be((Done, Done));
        text.Lines.Should().HaveCount(4).And.Contain(line => line.StartsWith("released") && line.Contains(Shard.PathOf("sub/released")));
        json.Objects.ToDictionary(line => Path.GetFileName(Text(line, "path")), line => Text(line, "state")).Should().Equal(
            new Dictionary<string, string> { ["regular"] = "regular", ["archived"] = "archived", ["released"] = "released" });
        json.Objects[0].EnumerateObject().Select(member => member.Name).Should().Equal("path", "state", "hasStaleCopy", "isPinned",
            "size", "allocatedBytes", "inode", "modified", "object", "problem");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [Test]
    public async Task A_summary_counts_the_files_and_bytes_of_each_state()
    {
        Shard.Write("regular", 5000);
        Shard.Write("sub/another", 300);
        Shard.Write("archived", 7000);
        Shard.Write("sub/released", 9000);
        Shard.Write("damaged", 10);
        await ArchiveAsync("archived");
        await MigrateAsync("sub/released");
        await SetAttributeAsync("damaged", StubRecord.AttributeName, "{ no record"u8.ToArray());

        ToolResult text = await ToolProcess.RunAsync("status", "-r", "--summary", Shard.Root);
        ToolResult json = await ToolProcess.RunAsync("status", "-r", "--summary", "--json", Shard.Root);

        (text.ExitCode, json.ExitCode).Should().Be((15, 15), "one of them is damaged");
        text.Errors.Should().Be(json.Errors).And.StartWith($"clusterhsm: {Shard.PathOf("damaged")}: its record cannot be believed").And.EndWith(".\n");
        text.Lines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2)))
            .Should().Equal("STATE FILES", "regular 2", "archived 1", "released 1", "recalling 0", "damaged 1", "total 5");
        json.Objects.Select(line => (Text(line, "state"), Number(line, "files"), Number(line, "size"))).Should().Equal(
            ("regular", 2, 5300), ("archived", 1, 7000), ("released", 1, 9000), ("recalling", 0, 0), ("damaged", 1, 10), ("total", 5, 21310));
        Number(json.Objects[2], "allocatedBytes").Should().BeLessThan(9000);
    }

    [Test]
    public async Task Status_works_while_the_store_is_away()
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        Directory.Move(Shard.StoreFolder, Shard.StoreFolder + ".away");

        ToolResult result = await ToolProcess.RunAsync("status", "--json", Shard.PathOf("f"));

        result.End.Should().Be(Done);
        Text(result.Objects.Single(), "state").Should().Be("released");
    }

    [Test]
    public async Task Recall_brings_the_stubs_of_a_folder_back_and_leaves_the_rest_alone()
    {
        byte[] bytes = Shard.Write("d/stub", 70_000);
        Shard.Write("d/regular", 10);
        Shard.Write("other", 5000);
        await MigrateAsync("d/stub", "other");

        ToolResult result = await ToolProcess.RunAsync("recall", "-r", "--json", Shard.PathOf("d"));

        result.End.Should().Be(Done);
        JsonElement summary = result.Objects[^1];
        (Text(summary, "summary"), Number(summary, "recalled"), Number(summary, "bytesRecalled"), Number(summary, "skipped"))
            .Should().Be((Shard.Root, 1, 70_000, 1));
        result.Objects[..^1].Should().Contain(line => Text(line, "action") == "recalled" && Text(line, "path") == Shard.PathOf("d/stub"))
            .And.Contain(line => Text(line, "action") == "alreadyDone" && Text(line, "path") == Shard.PathOf("d/regular"));
        (await File.ReadAllBytesAsync(Shard.PathOf("d/stub"))).Should().Equal(bytes);
        (await StateAsync("other")).Should().Be(FileState.Released);
    }

    [TestCase(true, FileState.Released)]
    [TestCase(false, FileState.Archived)]
    public async Task Cat_gives_the_bytes_and_leaves_a_stub_only_if_asked_to(bool readThrough, FileState after)
    {
        byte[] bytes = Shard.Write("f", 3_000_000);
        await MigrateAsync("f");
        string copy = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "copy");

        string option = readThrough ? "--read-through" : "";
        ToolResult result = await ToolProcess.RunScriptAsync($"clusterhsm cat {option} \"$1\" > \"$2\"", Shard.PathOf("f"), copy);

        result.End.Should().Be(Done);
        (await File.ReadAllBytesAsync(copy)).Should().Equal(bytes);
        (await StateAsync("f")).Should().Be(after);
    }

    [Test]
    public async Task Cat_through_a_rotten_object_says_that_what_it_wrote_is_wrong()
    {
        Shard.Write("f", 3_000_000);
        await MigrateAsync("f");
        string whole = Shard.Objects().Single();
        File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (FileStream file = new(whole, FileMode.Open, FileAccess.ReadWrite))
            file.WriteByte((byte)(file.ReadByte() ^ 1));
        ToolResult result = await ToolProcess.RunScriptAsync("clusterhsm cat --read-through \"$1\" > /dev/null", Shard.PathOf("f"));

        result.ExitCode.Should().Be(20);
        result.Errors.Should().Contain(Shard.PathOf("f")).And.Contain("Do not use what was written");
    }

    [Test]
    public async Task Two_cats_into_one_file_follow_one_another()
    {
        byte[] a = Shard.Write("a", 100_000), b = Shard.Write("b", 100_000);
        string copy = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "copy");

        (await ToolProcess.RunScriptAsync("{ clusterhsm cat \"$1\"; clusterhsm cat \"$2\"; } > \"$3\"", Shard.PathOf("a"), Shard.PathOf("b"), copy))
            .End.Should().Be(Done);

        (await File.ReadAllBytesAsync(copy)).Should().Equal([.. a, .. b]);
    }

    [Test]
    public async Task Nodes_lists_who_is_on_the_shard_and_whom_a_migrator_waits_for()
    {
        await using HsmVolume node = await Shard.OpenAsync(new HsmVolumeOptions());

        ToolResult text = await ToolProcess.RunAsync("nodes", Shard.Root);
        ToolResult json = await ToolProcess.RunAsync("nodes", "--json", Shard.PathOf("any"));

        (text.End, json.End).Should().Be((Done, Done));
        text.Lines.Should().HaveCount(2).And.Contain(line => line.Contains($"{Environment.ProcessId}"));
        JsonElement line = json.Objects.Should().ContainSingle().Subject;
        (line.GetProperty("processId").GetInt32(), Text(line, "mode"), line.GetProperty("isAlive").GetBoolean(),
            line.GetProperty("holdsQuiesce").GetBoolean(), line.GetProperty("isMigrator").GetBoolean())
            .Should().Be((Environment.ProcessId, "relaxed", true, true, false));
        line.EnumerateObject().Select(member => member.Name).Should().Equal("id", "host", "processId", "processName", "mode", "reason",
            "polls", "lastWritten", "isAlive", "holdsQuiesce", "isMigrator", "counters", "handover");
    }

    [Test]
    public async Task Verify_tells_right_missing_and_altered_objects_apart_and_changes_nothing()
    {
        Shard.Write("right", 5000);
        await MigrateAsync("right");
        string whole = Shard.Objects().Single();
        (await ToolProcess.RunAsync("verify", "--deep", Shard.Root)).Should().Match<ToolResult>(r => r.ExitCode == 0 && r.Output.Contains("verified 1"));
        string[] before = await SnapshotAsync();

        File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        byte[] altered = await File.ReadAllBytesAsync(whole);
        altered[0] ^= 1;
        await File.WriteAllBytesAsync(whole, altered);
        ToolResult shallow = await ToolProcess.RunAsync("verify", Shard.Root);
        ToolResult deep = await ToolProcess.RunAsync("verify", "--deep", "--json", Shard.Root);
        File.Delete(whole);
        ToolResult missing = await ToolProcess.RunAsync("verify", Shard.Root);

        (shallow.ExitCode, deep.ExitCode, missing.ExitCode).Should().Be((0, 20, 19));
        deep.Objects[0].GetProperty("action").GetString().Should().Be("failed");
        missing.Errors.Should().Contain(Shard.PathOf("right"));
        (await SnapshotAsync()).Should().Equal(before.Where(line => line != whole));
    }

    [Test]
    public async Task A_pinned_file_is_not_migrated_until_it_is_unpinned()
    {
        Shard.Write("f", 5000);

        ToolResult pinned = await ToolProcess.RunAsync("pin", "--json", Shard.PathOf("f"));
        ToolResult refused = await ToolProcess.RunAsync("migrate", Shard.PathOf("f"));
        ToolResult would = await ToolProcess.RunAsync("migrate", "--dry-run", Shard.PathOf("f"));
        FileState between = await StateAsync("f");
        ToolResult unpinned = await ToolProcess.RunAsync("unpin", "-r", Shard.Root);
        ToolResult migrated = await ToolProcess.RunAsync("migrate", Shard.PathOf("f"));

        (pinned.ExitCode, refused.ExitCode, unpinned.ExitCode, migrated.ExitCode, would.Output).Should().Be((0, 0, 0, 0, ""));
        pinned.Objects.Single().GetProperty("isPinned").GetBoolean().Should().BeTrue();
        refused.Errors.Should().Be($"clusterhsm: {Shard.PathOf("f")}: skipped: it is pinned\n");
        between.Should().Be(FileState.Regular);
        (await StateAsync("f")).Should().Be(FileState.Released);
    }

    [Test]
    public async Task Init_says_in_json_what_it_made_and_keeps_the_files_that_were_there()
    {
        string root = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Shard.Root)!, "second")).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "kept"), "kept");

        ToolResult result = await ToolProcess.RunAsync("init", "--json", root, "--store", new Uri(root + ".store").AbsoluteUri);

        result.End.Should().Be(Done);
        result.Objects.Single().EnumerateObject().Select(member => member.Name).Should().Equal("root", "shardId", "store", "signed");
        File.Exists(Path.Combine(root, ".clusterhsm/shard.json")).Should().BeTrue();
        (await File.ReadAllTextAsync(Path.Combine(root, "kept"))).Should().Be("kept");
    }

    private static string Text(JsonElement line, string member) => line.GetProperty(member).GetString()!;

    private static long Number(JsonElement line, string member) => line.GetProperty(member).GetInt64();
}
