using System.Text;
using System.Text.Json;
using ClusterHsm.Coordination;
using ClusterHsm.Testing;
using ClusterHsm.Tool.Output;
using ClusterHsm.Tool.Watch;
using FluentAssertions;
using NUnit.Framework;
using static ClusterHsm.Tests.Tool.Watch.Parties;

namespace ClusterHsm.Tests.Tool.Watch;

/// <summary>What each view writes.</summary>
public sealed class WatchViewTests
{
    private readonly StringBuilder _written = new();
    private ShardWatch _watch = null!;

    [SetUp]
    public void Begin()
    {
        _written.Clear();
        _watch = new ShardWatch("/mnt/my shared", new ManualTimeProvider());
    }

    [Test]
    public void A_screen_is_drawn_over_in_place_and_gets_its_cursor_back()
    {
        using (ScreenView view = new(Write, static () => new TerminalSize(80, 24)))
        {
            view.Show(_watch.See(Sight(HandoverPhase.None, Node("a"))));
            view.Show(_watch.See(Sight(HandoverPhase.None, Node("a"))));
        }

        string[] frames = _written.ToString().Split("\e[?25l", StringSplitOptions.RemoveEmptyEntries);
        frames.Should().HaveCount(2);
        frames[0].Should().StartWith("/mnt/my shared").And.EndWith("\r\n\e[J").And.NotContain("\e[2J", "what was on the terminal before stays");
        frames[1].Should().StartWith($"\r\e[{frames[0].Split('\n').Length - 1}A/mnt/my shared").And.EndWith("\r\n\e[J\r\e[K\e[?25h");
        frames[0].Split("\r\n")[..^1].Should().OnlyContain(static line => line.EndsWith("\e[K"), "nothing of a longer line may be left");
        _written.ToString().Should().NotContain("\e[?1049", "there is no other screen, whose picture would be lost");
    }

    [Test]
    public void A_screen_that_changes_its_size_is_drawn_anew()
    {
        TerminalSize size = new(80, 24);
        using ScreenView view = new(Write, () => size);
        view.Show(_watch.See(Sight(HandoverPhase.None, Node("a"))));
        size = new TerminalSize(40, 10);
        _written.Clear();

        view.Show(_watch.See(Sight(HandoverPhase.None, Node("a"))));

        _written.ToString().Should().StartWith("\e[?25l\e[H\e[J/mnt/my shared");
    }

    [Test]
    public void Lines_are_words_with_a_name()
    {
        using LineView view = new(Write);

        view.Show(_watch.See(Sight(HandoverPhase.Waiting,
            Node("rack 7", counters: new NodeCounters { Hits = 1, Misses = 2, Looks = 3, Open = 4, Recalls = 5, Recalling = 6, RecalledBytes = 7, ReadThroughs = 8 }),
            Migrator("m", new HandoverProgress { Files = 10, Done = 2, Bytes = 300 }), Node("old", LockMode.Strict) with { Counters = null, Reason = null })));

        _written.ToString().Should().Be("""
            2026-11-23 20:11:02Z shard root=/mnt/my\x20shared phase=waiting for=0.0 relaxed=1 strict=1 silent=0 migrators=1 blocking=1
            2026-11-23 20:11:02Z node id=rack\x207-4711-0000beef host=rack\x207 pid=4711 process=reader state=relaxed blocking=0.0 reason=SignalFree polls=100 hits=1 misses=2 looks=3 open=4 recalls=5 recalling=6 recalled=7 through=8
            2026-11-23 20:11:02Z migrator id=m-88-0000cafe host=m pid=88 process=clusterhsm state=migrator blocking=- files=10 done=2 bytes=300
            2026-11-23 20:11:02Z node id=old-4711-0000beef host=old pid=4711 process=reader state=strict blocking=- reason=- polls=100 hits=- misses=- looks=- open=- recalls=- recalling=- recalled=- through=-

            """);
    }

    [Test]
    public void Lines_tell_of_a_look_that_failed_and_not_of_what_was_before()
    {
        using LineView view = new(Write);
        _watch.See(Sight(HandoverPhase.None, Node("a")));

        view.Show(_watch.Miss("it is\ngone"));
        view.Show(_watch.Miss(null));

        _written.ToString().Should().Be("""
            2026-01-01 00:00:00Z shard root=/mnt/my\x20shared failure=it\x20is\x0agone
            2026-01-01 00:00:00Z shard root=/mnt/my\x20shared unanswered=0.0

            """);
    }

    [Test]
    public void Json_is_one_object_a_state()
    {
        using JsonView view = new(bytes => Write(Encoding.UTF8.GetString(bytes.Span)));

        view.Show(_watch.See(Sight(HandoverPhase.Releasing, Node("a", LockMode.Strict, new NodeCounters { Hits = 7 }), Migrator("m", new HandoverProgress { Files = 3 }))));

        _written.ToString().Should().EndWith("\n");
        JsonElement state = JsonDocument.Parse(_written.ToString()).RootElement;
        state.GetProperty("phase").GetString().Should().Be("releasing");
        state.GetProperty("failure").ValueKind.Should().Be(JsonValueKind.Null);
        JsonElement[] parties = [.. state.GetProperty("parties").EnumerateArray()];
        parties.Select(static party => party.GetProperty("state").GetString()).Should().Equal("migrator", "strict");
        parties[0].GetProperty("handover").GetProperty("files").GetInt64().Should().Be(3);
        parties[0].GetProperty("counters").ValueKind.Should().Be(JsonValueKind.Null);
        parties[1].GetProperty("counters").GetProperty("hits").GetInt64().Should().Be(7);
        parties[1].GetProperty("reason").GetString().Should().Be("SignalHeld");
    }

    private void Write(string text) => _written.Append(text);
}
