using System.Text.Json;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>What <c>migrate</c> takes, what it leaves alone, and whether its last line is true.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class MigrateCommandTests : ToolFixture
{
    [Test]
    public async Task A_folder_is_taken_only_with_recursive()
    {
        Shard.Write("d/f", 5000);

        ToolResult refused = await ToolProcess.RunAsync("migrate", Shard.PathOf("d"));
        ToolResult taken = await ToolProcess.RunAsync("migrate", "--recursive", Shard.PathOf("d"));

        refused.ExitCode.Should().Be((int)HsmError.NotARegularFile);
        refused.Errors.Should().Contain(Shard.PathOf("d")).And.Contain("--recursive");
        taken.End.Should().Be(Done);
        (await StateAsync("d/f")).Should().Be(FileState.Released);
    }

    [Test]
    public async Task Excludes_and_the_least_size_leave_files_alone()
    {
        foreach (string name in new[] { "a.tmp", "d/b.tmp", "logs/x", "d/logs/y", "taken" })
            Shard.Write(name, 5000);
        Shard.Write("small", 4095);

        ToolResult result = await ToolProcess.RunAsync("migrate", "-r", "--json", "--exclude", "*.tmp", "--exclude", "logs/*", "--min-size", "4K", Shard.Root);

        result.End.Should().Be(Done);
        Summary(result).Should().Be((2, 2, 0, 0));
        result.Objects[..^1].Where(line => line.GetProperty("action").GetString() != "leftOut").Select(line => line.GetProperty("path").GetString())
            .Distinct().Should().BeEquivalentTo(Shard.PathOf("taken"), Shard.PathOf("d/logs/y"));
        result.Objects[..^1].Where(line => line.GetProperty("action").GetString() == "leftOut")
            .Select(line => (line.GetProperty("path").GetString(), line.GetProperty("reason").GetString())).Should().BeEquivalentTo(
            [
                (Shard.PathOf("a.tmp"), "it is excluded by '*.tmp'"),
                (Shard.PathOf("d/b.tmp"), "it is excluded by '*.tmp'"),
                (Shard.PathOf("logs/x"), "it is excluded by 'logs/*'"),
                (Shard.PathOf("small"), "it has less than 4096 bytes"),
            ]);
        (await StateAsync("a.tmp")).Should().Be(FileState.Regular);
    }

    [Test]
    public async Task What_is_left_out_is_counted_by_its_reason()
    {
        foreach (string name in new[] { "a.tmp", "d/b.tmp", "logs/x", "taken" })
            Shard.Write(name, 5000);
        Shard.Write("small", 4095);
        Shard.Write("young", 5000);
        foreach (string name in new[] { "a.tmp", "d/b.tmp", "logs/x", "taken", "small" })
            Touch(name, TimeSpan.FromHours(-2));
        string[] options = ["migrate", "-r", "--exclude", "*.tmp", "--exclude", "logs/*", "--min-size", "4K", "--min-age", "1h"];
        string[] reasons = ["it is excluded by '*.tmp': 2", "it is excluded by 'logs/*': 1", "it has less than 4096 bytes: 1", "it was written too lately: 1"];

        ToolResult would = await ToolProcess.RunAsync([.. options, "--dry-run", Shard.Root]);
        ToolResult result = await ToolProcess.RunAsync([.. options, Shard.Root]);

        (would.End, result.End).Should().Be((Done, Done));
        would.Lines.Should().HaveCount(2);
        would.Lines[1].Should().StartWith("left out 5 (").And.ContainAll(reasons);
        result.Lines.Should().ContainSingle().Which.Should().Contain("released 1").And.Contain("left out 5 (").And.ContainAll(reasons);
        (await StateAsync("taken")).Should().Be(FileState.Released);
    }

    [TestCase("2h", FileState.Regular)]
    [TestCase("30m", FileState.Released)]
    [TestCase("0", FileState.Released)]
    public async Task The_least_age_is_counted_from_the_last_write(string age, FileState expected)
    {
        Shard.Write("f", 5000);
        Touch("f", TimeSpan.FromHours(-1));
        File.SetLastAccessTimeUtc(Shard.PathOf("f"), DateTime.UtcNow);

        ToolResult would = await ToolProcess.RunAsync("migrate", "--dry-run", "--json", "--min-age", age, Shard.PathOf("f"));
        ToolResult result = await ToolProcess.RunAsync("migrate", "--min-age", age, Shard.PathOf("f"));

        (would.End, result.End).Should().Be((Done, Done));
        would.Objects.Where(line => line.TryGetProperty("wouldRelease", out _)).Should().HaveCount(expected == FileState.Released ? 1 : 0);
        (await StateAsync("f")).Should().Be(expected);
    }

    [TestCase("1s", 0)]
    [TestCase("0", 1)]
    public async Task A_file_from_the_future_is_younger_than_any_age_but_0(string age, int taken)
    {
        Shard.Write("f", 5000);
        Touch("f", TimeSpan.FromHours(1));

        ToolResult would = await ToolProcess.RunAsync("migrate", "--dry-run", "--json", "--min-age", age, Shard.PathOf("f"));

        would.End.Should().Be(Done);
        would.Objects.Where(line => line.TryGetProperty("wouldRelease", out _)).Should().HaveCount(taken);
    }

    [Test]
    public async Task A_dry_run_says_what_would_be_done_and_changes_nothing()
    {
        Shard.Write("d/regular", 5000);
        Shard.Write("d/archived", 5000);
        Shard.Write("d/released", 5000);
        Shard.Write("d/empty", 0);
        await ArchiveAsync("d/archived");
        await MigrateAsync("d/released");
        string[] before = await SnapshotAsync();

        ToolResult text = await ToolProcess.RunAsync("migrate", "-r", "--dry-run", "--min-age", "0", Shard.Root);
        ToolResult json = await ToolProcess.RunAsync("migrate", "-r", "--dry-run", "--archive-only", "--json", Shard.Root);

        (text.End, json.End).Should().Be((Done, Done));
        text.Lines.Should().HaveCount(2)
            .And.Contain($"would archive and release {Shard.PathOf("d/regular")} (4.9 KiB)")
            .And.Contain($"would release {Shard.PathOf("d/archived")} (4.9 KiB)");
        JsonElement line = json.Objects.Should().ContainSingle().Subject;
        (line.GetProperty("path").GetString(), line.GetProperty("wouldArchive").GetBoolean(), line.GetProperty("wouldRelease").GetBoolean())
            .Should().Be((Shard.PathOf("d/regular"), true, false));
        (await SnapshotAsync()).Should().Equal(before);
    }

    [Test]
    public async Task Archive_only_keeps_the_data_and_the_later_migrate_counts_the_file_once()
    {
        Shard.Write("f", 5000);

        ToolResult archived = await ToolProcess.RunAsync("migrate", "--archive-only", "--json", Shard.PathOf("f"));
        FileState between = await StateAsync("f");
        ToolResult again = await ToolProcess.RunAsync("migrate", "--archive-only", "--json", Shard.PathOf("f"));
        ToolResult released = await ToolProcess.RunAsync("migrate", "--json", Shard.PathOf("f"));

        (archived.End, again.End, released.End).Should().Be((Done, Done, Done));
        Summary(archived).Should().Be((1, 0, 0, 0));
        between.Should().Be(FileState.Archived);
        Summary(again).Should().Be((0, 0, 1, 0), "it was in the wanted state before");
        Summary(released).Should().Be((0, 1, 0, 0), "a file that goes on to be released is not skipped");
        released.Objects.Should().HaveCount(2);
    }

    [Test]
    public async Task Paths_on_two_shards_are_done_on_both_and_a_bad_one_does_not_keep_the_others_from_it()
    {
        using LocalShard second = new();
        Shard.Write("f", 5000);
        second.Write("g", 5000);

        ToolResult result = await ToolProcess.RunAsync("migrate", "--json", Shard.PathOf("f"), "/nowhere/h", second.PathOf("g"));

        result.ExitCode.Should().Be((int)HsmError.NotAShard);
        result.Errors.Should().Contain("/nowhere/h");
        result.Objects.Where(line => line.TryGetProperty("summary", out _)).Select(line => line.GetProperty("summary").GetString())
            .Should().Equal(Shard.Root, second.Root);
        (await ToolProcess.RunAsync("status", "--json", Shard.PathOf("f"), second.PathOf("g"))).Objects
            .Should().OnlyContain(line => line.GetProperty("state").GetString() == "released");
    }

    private static (long Archived, long Released, long Skipped, long Failed) Summary(ToolResult result)
    {
        JsonElement line = result.Objects[^1];
        line.EnumerateObject().Select(member => member.Name).Should().Equal("summary", "archived", "released", "recalled", "verified",
            "imported", "skipped", "failed", "leftOut", "bytesArchived", "bytesFreed", "bytesRecalled", "strictSeconds", "handovers");
        return (Number("archived"), Number("released"), Number("skipped"), Number("failed"));

        long Number(string member) => line.GetProperty(member).GetInt64();
    }

    private void Touch(string name, TimeSpan fromNow) => File.SetLastWriteTimeUtc(Shard.PathOf(name), DateTime.UtcNow + fromNow);
}
