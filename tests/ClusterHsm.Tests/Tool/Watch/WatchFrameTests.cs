using ClusterHsm.Coordination;
using ClusterHsm.Testing;
using ClusterHsm.Tool.Output;
using ClusterHsm.Tool.Watch;
using FluentAssertions;
using NUnit.Framework;
using static ClusterHsm.Tests.Tool.Watch.Parties;

namespace ClusterHsm.Tests.Tool.Watch;

/// <summary>What is drawn for terminals of several sizes.</summary>
public sealed class WatchFrameTests
{
    /// <summary>A migrator that waits for one of three nodes; a fourth has gone.</summary>
    private static WatchState Busy()
    {
        ManualTimeProvider clock = new();
        ShardWatch watch = new("/mnt/shared", clock);
        watch.See(Sight(HandoverPhase.Waiting,
            Node("node1", counters: new NodeCounters { Hits = 81_230 }, secondsAgo: 10), Node("node2", LockMode.Strict, new NodeCounters { Looks = 100 }, 10),
            Node("node3"), Node("node4")));
        clock.Advance(TimeSpan.FromSeconds(4));
        return watch.See(Sight(HandoverPhase.Waiting,
            Node("node1", counters: new NodeCounters { Hits = 92_230, Misses = 90, Open = 12, Recalls = 3, Recalling = 1, RecalledBytes = 5L << 30 }),
            Node("node2", LockMode.Strict, new NodeCounters { Looks = 400, ReadThroughs = 7 }),
            Migrator("backup", new HandoverProgress { Files = 12_000 }),
            Node("node3") with { HoldsQuiesce = false }));
    }

    [Test]
    public void A_frame_of_80_columns() => Draw(Busy(), 80).Should().Be("""
        /mnt/shared  2026-11-23 20:11:02Z
        3 nodes: 2 relaxed, 1 strict; 1 migrator
        a migrator has been waiting for 4 s; 1 node is in its way
        1139 opens/s, 96.6 % hits; 1 recall under way, 512.0 MiB/s

        STATE     OPENS/S   HIT%  RECALLS   NOW  WHO
        relaxed      1109   99.2        3     1  node1/4711 reader     in the way 4 s
        migrator        -      -        -     -  backup/88 clusterhsm  waits, 12,000 f~
        strict         30    0.0        0     0  node2/4711 reader     SignalHeld
        relaxed         -      -        0     0  node3/4711 reader
        gone            -      -        0     0  node4/4711 reader     left or died 0 ~

        """);

    [Test]
    public void A_frame_of_40_columns_keeps_state_name_and_note() => Draw(Busy(), 40).Should().Be("""
        /mnt/shared  2026-11-23 20:11:02Z
        3 nodes: 2 relaxed, 1 strict; 1 migrat~
        a migrator has been waiting for 4 s; 1~
        1139 opens/s, 96.6 % hits; 1 recall un~

        STATE     WHO
        relaxed   node1/4711 r~  in the way 4 s
        migrator  backup/88 cl~  waits, 12,000~
        strict    node2/4711 r~  SignalHeld
        relaxed   node3/4711 r~
        gone      node4/4711 r~  left or died ~

        """);

    [Test]
    public void A_frame_of_200_columns_has_everything() => Draw(Busy(), 200).Should().Be("""
        /mnt/shared  2026-11-23 20:11:02Z
        3 nodes: 2 relaxed, 1 strict; 1 migrator
        a migrator has been waiting for 4 s; 1 node is in its way
        1139 opens/s, 96.6 % hits; 1 recall under way, 512.0 MiB/s

        STATE     OPENS/S   HIT%   HITS  MISSES  LOOKS   OPEN  RECALLS   NOW    RECALLED  THROUGH  POLLS  WHO
        relaxed      1109   99.2    92k      90      0     12        3     1     5.0 GiB        0    100  node1/4711 reader     in the way 4 s
        migrator        -      -      -       -      -      -        -     -           -        -      -  backup/88 clusterhsm  waits, 12,000 files
        strict         30    0.0      0       0    400      0        0     0         0 B        7    100  node2/4711 reader     SignalHeld
        relaxed         -      -      0       0      0      0        0     0         0 B        0    100  node3/4711 reader
        gone            -      -      0       0      0      0        0     0         0 B        0    100  node4/4711 reader     left or died 0 s ago

        """);

    [Test]
    public void A_frame_of_an_empty_shard() => Draw(new ShardWatch("/mnt/shared", new ManualTimeProvider()).See(Sight(HandoverPhase.None)), 80).Should().Be("""
        /mnt/shared  2026-11-23 20:11:02Z
        0 nodes
        nobody migrates
        no rates yet: nodes report every 10 s; 0 recalls under way

        nobody is on the shard

        """);

    [Test]
    public void Nodes_that_have_no_room_are_counted()
    {
        ShardWatch watch = new("/mnt/shared", new ManualTimeProvider());
        WatchState state = watch.See(Sight(HandoverPhase.None, [.. Enumerable.Range(100, 100).Select(number => Node($"node{number}"))]));

        string[] lines = Draw(state, 80, 24).TrimEnd('\n').Split('\n');

        lines.Should().HaveCount(23, "a frame of 24 lines would scroll");
        lines[1].Should().Be("100 nodes: 100 relaxed");
        lines[^2].Should().Contain("node115/4711");
        lines[^1].Should().Be("and 84 more");
    }

    [Test]
    public void Nothing_is_wider_or_higher_than_the_terminal([Values(1, 2, 10, 20, 39, 40, 79, 80, 81, 120, 200, 400)] int width, [Values(1, 2, 5, 8, 24, 100)] int height)
    {
        WatchState state = Busy() with { Failure = new string('x', 500) };

        IReadOnlyList<string> lines = WatchFrame.Draw(state, width, height);

        lines.Count.Should().BeLessThan(Math.Max(2, height));
        lines.Should().OnlyContain(line => Columns.WidthOf(line) < Math.Max(2, width));
    }

    [Test]
    public void Every_width_shows_who_is_in_the_way([Range(40, 200, 20)] int width) =>
        Draw(Busy(), width).Should().MatchRegex("node1/4711.* in the way").And.MatchRegex("migrator .*backup/88").And.MatchRegex("gone .*node4/4711");

    [Test]
    public void A_name_cannot_steer_the_terminal()
    {
        ShardWatch watch = new("/mnt/a\e[2Jb", new ManualTimeProvider());
        WatchState state = watch.See(Sight(HandoverPhase.None, Node("evil\e[2J\n\r") with { ProcessName = "\u009b31m" }));

        Draw(state, 200).Should().NotContain("\e").And.NotContain("\u009b").And.NotContain("\r").And.Contain("evil\\x1b[2J\\x0a\\x0d");
    }

    [Test]
    public void A_file_system_that_does_not_answer_is_told_of()
    {
        ManualTimeProvider clock = new();
        ShardWatch watch = new("/mnt/shared", clock);
        watch.See(Sight(HandoverPhase.None, Node("node1")));
        clock.Advance(TimeSpan.FromSeconds(12));

        Draw(watch.Miss(null), 80).Should().Contain("\nThe file system has not answered for 12 s; what is below is as old.\n").And.Contain("node1/4711");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Its tests run as a program, outside of the source tree.")]
    public void The_picture_in_the_documentation_is_what_is_drawn() =>
        File.ReadAllText(SourceTree.PathOf("docs/operations.md")).Should().Contain($"```text\n{Draw(Busy(), 100)}```\n");

    private static string Draw(WatchState state, int width, int height = 50) =>
        string.Concat(WatchFrame.Draw(state, width, height).Select(static line => line + "\n"));
}
