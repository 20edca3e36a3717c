using System.Text.Json;
using ClusterHsm.Stubs;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>A program that reads only the objects of <c>--json</c> misses no failure.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class JsonFailureTests : ToolFixture
{
    [TestCase("migrate gone good", "gone", 23)]
    [TestCase("migrate d good", "d", 30)]
    [TestCase("migrate -r gone good", "gone", 23)]
    [TestCase("migrate --archive-only d good", "d", 30)]
    [TestCase("recall pipe good", "pipe", 30)]
    [TestCase("verify gone", "gone", 23)]
    [TestCase("verify pipe", "pipe", 30)]
    public async Task What_no_file_came_of_has_its_line_and_is_counted(string command, string name, int status)
    {
        Shard.Write("d/f", 10);
        Shard.Write("good", 5000);
        Syscall.mkfifo(Shard.PathOf("pipe"), FilePermissions.DEFFILEMODE).Should().Be(0);

        ToolResult result = await RunInShardAsync(command);

        result.ExitCode.Should().Be(status, result.Errors);
        (string? path, string? reason) = Failed(result).Should().ContainSingle().Subject;
        (path, $"clusterhsm: {reason}\n").Should().Be((Shard.PathOf(name), result.Errors));
        Number(result.Objects[^1], "failed").Should().Be(1);
    }

    [TestCase("status gone good", 23)]
    [TestCase("pin gone good", 23)]
    [TestCase("migrate --dry-run gone good", 23)]
    public async Task What_no_file_came_of_has_its_line_where_nothing_is_counted(string command, int status)
    {
        Shard.Write("good", 5000);

        ToolResult result = await RunInShardAsync(command);

        result.ExitCode.Should().Be(status, result.Errors);
        Failed(result).Should().ContainSingle().Which.Path.Should().Be(Shard.PathOf("gone"));
        result.Objects.Should().HaveCount(2);
    }

    [TestCase("migrate /nowhere/f good")]
    [TestCase("recall /nowhere/f good")]
    [TestCase("status /nowhere/f good")]
    [TestCase("unpin /nowhere/f good")]
    [TestCase("nodes /nowhere/f")]
    [TestCase("verify /nowhere/f")]
    [TestCase("import /nowhere/f")]
    public async Task A_path_on_no_shard_has_its_line(string command)
    {
        Shard.Write("good", 5000);

        ToolResult result = await RunInShardAsync(command);

        result.ExitCode.Should().Be((int)HsmError.NotAShard, result.Errors);
        Failed(result).Should().ContainSingle().Which.Path.Should().Be("/nowhere/f");
    }

    [Test]
    public async Task A_store_that_is_gone_has_the_line_of_the_shard_and_the_summary()
    {
        Shard.Write("good", 5000);
        Directory.Delete(Shard.StoreFolder, recursive: true);

        ToolResult result = await RunInShardAsync("migrate good");

        result.ExitCode.Should().Be((int)HsmError.StoreUnavailable, result.Errors);
        Failed(result).Should().ContainSingle().Which.Path.Should().Be(Shard.Root);
        (result.Objects[^1].GetProperty("summary").GetString(), Number(result.Objects[^1], "failed")).Should().Be((Shard.Root, 1));
    }

    [Test]
    public async Task A_shard_that_cannot_be_opened_has_its_line()
    {
        Shard.Write("good", 5000);
        await File.WriteAllTextAsync(Shard.PathOf(".clusterhsm/shard.json"), "{");

        ToolResult result = await RunInShardAsync("status good");

        result.ExitCode.Should().Be((int)HsmError.InvalidShard, result.Errors);
        Failed(result).Should().ContainSingle().Which.Path.Should().Be(Shard.Root);
    }

    [Test]
    public async Task What_keeps_a_sweep_from_deleting_has_its_line()
    {
        Shard.Write("damaged", 5000);
        await SetAttributeAsync("damaged", StubRecord.AttributeName, "{"u8.ToArray());

        ToolResult result = await RunInShardAsync("sweep .");

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord, result.Errors);
        Failed(result).Should().ContainSingle().Which.Path.Should().Be(Shard.PathOf("damaged"));
    }

    [Test]
    public async Task A_line_that_is_no_export_has_its_line_and_is_counted()
    {
        ToolResult result = await RunInShardAsync("import . /etc/passwd");

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord, result.Errors);
        (string? Path, string? Reason)[] failed = Failed(result);
        failed[0].Path.Should().Be("/etc/passwd, line 1");
        Number(result.Objects[^1], "failed").Should().Be(failed.Length);
    }

    private Task<ToolResult> RunInShardAsync(string command) =>
        ToolProcess.RunScriptAsync($"cd \"$1\"; clusterhsm {command} --json", Shard.Root);

    private static (string? Path, string? Reason)[] Failed(ToolResult result) =>
        [.. result.Objects.Where(line => line.TryGetProperty("action", out JsonElement action) && action.GetString() == "failed")
            .Select(line => (line.GetProperty("path").GetString(), line.GetProperty("reason").GetString()))];

    private static long Number(JsonElement line, string member) => line.GetProperty(member).GetInt64();
}
