using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>The live view, beside node processes, in a pipe and on a terminal.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class WatchCommandTests : ToolFixture
{
    [Test]
    public async Task A_pipe_gets_lines_of_nodes_with_what_they_count()
    {
        Shard.Write("f", 5000);
        Shard.Write("stub", 5000);
        await MigrateAsync("stub");
        using NodeChild node = NodeChild.Start(Shard.PlaceNode());
        await node.AskAsync("await", "Relaxed");
        await node.AskAsync("read-all", "f");
        await node.AskAsync("read-all", "f");
        await node.AskAsync("read-all", "stub");

        // A change of the mode is written at once; what is counted otherwise is, every ten seconds.
        await using (HsmVolume migrator = await Shard.OpenAsync())
        {
            Shard.Write("g", 5000);
            await migrator.MigrateAsync(["g"], LocalShard.AtOnce);
            while (NodeRegistry.List(migrator.Shard, migrator.Descriptor).Single() is not { Mode: LockMode.Relaxed, Counters.Recalls: 1 })
                await Task.Delay(5);
        }
        ToolResult result = await ToolProcess.RunAsync("watch", "--count", "1", Shard.Root);

        result.End.Should().Be(Done);
        result.Lines.Should().HaveCount(2);
        result.Lines[0].Should().MatchRegex($@"^\S+ \S+Z shard root={Regex.Escape(Shard.Root)} phase=none for=0.0 relaxed=1 strict=0 silent=0 migrators=0 blocking=0$");
        result.Lines[1].Should().MatchRegex($@"^\S+ \S+Z node id=\S+ host=\S+ pid={node.Id} process=\S+ state=relaxed blocking=- reason=SignalFree polls=\d+ hits=\d+ misses=\d+ looks=\d+ open=\d+ recalls=1 recalling=0 recalled=5000 through=0$");
    }

    [Test]
    public async Task Json_is_one_object_a_look()
    {
        using NodeChild node = NodeChild.Start(Shard.PlaceNode());
        await node.EventAsync("ready");
        await using (HsmVolume volume = await Shard.OpenAsync())
        {
            while (NodeRegistry.List(volume.Shard, volume.Descriptor) is not [{ ProcessId: > 0 }])
                await Task.Delay(5);
        }

        ToolResult result = await ToolProcess.RunAsync("watch", "--json", "--count", "2", "--interval", "0.1", Shard.Root);

        result.End.Should().Be(Done);
        result.Objects.Should().HaveCount(2);
        result.Objects[1].GetProperty("parties").EnumerateArray().Single().GetProperty("processId").GetInt32().Should().Be(node.Id);
    }

    [Test]
    public async Task A_node_that_was_stopped_is_in_the_way_of_a_migrator()
    {
        Shard.Write("f", 5000);
        using NodeChild node = NodeChild.Start(Shard.PlaceNode()), migrator = NodeChild.Start(Shard.PlaceNode(), "outside");
        await node.AskAsync("await", "Relaxed");
        node.Stop();
        migrator.Send("migrate", "f");
        using Process watch = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "watch", "--json", "--interval", "0.1", Shard.Root]);

        JsonElement state = await ReadUntilAsync(watch, static state => Phase(state) == "waiting" && Parties(state).Length == 2);
        JsonElement[] parties = Parties(state);
        node.Continue();
        JsonElement after = await ReadUntilAsync(watch, static state => Phase(state) == "none" && Parties(state).Count(static party => party.GetProperty("state").GetString() != "gone") == 1);
        Syscall.kill(watch.Id, Signum.SIGINT);
        await watch.WaitForExitAsync();

        parties[0].GetProperty("processId").GetInt32().Should().Be(node.Id);
        parties[0].GetProperty("blockingSeconds").ValueKind.Should().Be(JsonValueKind.Number);
        parties[1].GetProperty("state").GetString().Should().Be("migrator");
        parties[1].GetProperty("handover").GetProperty("files").GetInt64().Should().Be(1);
        Parties(after).Should().OnlyContain(static party => party.GetProperty("blockingSeconds").ValueKind == JsonValueKind.Null);
        (watch.ExitCode, await watch.StandardError.ReadToEndAsync()).Should().Be((130, ""));
        (await migrator.AnswerAsync()).Should().Contain("released=1");
    }

    [Test]
    public async Task A_reader_of_its_output_that_goes_away_ends_it_quietly()
    {
        ToolResult result = await ToolProcess.RunScriptAsync("{ clusterhsm watch --interval 0.1 \"$1\" || echo ended $? >&2; } | head -n 1", Shard.Root);

        result.Errors.Should().Be("ended 141\n");
    }

    [Test]
    public async Task What_is_no_shard_is_an_error_like_that_of_any_command()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Shard.Root)!, "plain")).FullName;

        ToolResult result = await ToolProcess.RunAsync("watch", folder);

        (result.ExitCode, result.Output).Should().Be(((int)HsmError.NotAShard, ""));
    }

    [Test]
    public async Task A_terminal_is_drawn_over_and_gets_its_cursor_back_at_Ctrl_C()
    {
        using NodeChild node = NodeChild.Start(Shard.PlaceNode());
        using PseudoTerminal terminal = PseudoTerminal.Start(60, 20, "watch", "--interval", "0.1", Shard.Root);

        await terminal.ReadUntilAsync($"/{node.Id} ");
        await terminal.ReadUntilAsync("A/", "a second frame goes over the first");
        await terminal.InterruptAsync();
        int exitCode = await terminal.FinishAsync();

        exitCode.Should().Be(130);
        string written = terminal.Written;
        written.Should().EndWith("\e[?25h", "the cursor is back, and nothing follows");
        written.Should().Contain("\e[?25l").And.NotContain("\e[?1049").And.NotContain("\e[2J").And.NotContain("cancelled");
        Escape().Replace(written, "").Split('\n').Should().OnlyContain(static line => line.Trim('\r').Length < 60);
    }

    [Test]
    public async Task A_terminal_that_cannot_be_drawn_over_gets_lines()
    {
        using PseudoTerminal terminal = PseudoTerminal.Start(60, 20, ["TERM=dumb"], "watch", "--count", "1", Shard.Root);

        (await terminal.FinishAsync()).Should().Be(0);

        terminal.Written.Should().Contain(" phase=none ").And.NotContain("\e");
    }

    private static async Task<JsonElement> ReadUntilAsync(Process watch, Func<JsonElement, bool> isWanted)
    {
        using CancellationTokenSource patience = new(NodeChild.Patience);
        while (await watch.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            JsonElement state = JsonDocument.Parse(line).RootElement;
            if (isWanted(state))
                return state;
        }
        throw new InvalidOperationException($"It ended: {await watch.StandardError.ReadToEndAsync()}");
    }

    private static string Phase(JsonElement state) => state.GetProperty("phase").GetString()!;

    private static JsonElement[] Parties(JsonElement state) => [.. state.GetProperty("parties").EnumerateArray()];

    [GeneratedRegex(@"\e\[[?0-9;]*[A-Za-z]")]
    private static partial Regex Escape();
}
