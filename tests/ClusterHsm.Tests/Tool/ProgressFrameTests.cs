using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tool;
using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>What each long command writes to a terminal, by a clock that is moved by hand: a count, a rate, and the time that is left where it can be told.</summary>
public sealed class ProgressFrameTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _frames = [];
    private ManualTimeProvider _clock = null!;
    private ProgressLine _terminal = null!;

    [SetUp]
    public void MakeTerminal()
    {
        _frames.Clear();
        _clock = new ManualTimeProvider();
        _terminal = new ProgressLine(isOnTerminal: true, _frames.Add, _clock);
    }

    [TearDown]
    public void EndLine() => _terminal.Dispose();

    [TestCase("archiving")]
    [TestCase("recalling")]
    public async Task What_moves_bytes_tells_their_rate_and_the_time_for_the_rest(string doing)
    {
        FileStatus[] files = [File("a"), File("b")];
        await using TransferProgressLine line = new(_terminal, doing, _clock);
        line.CountAhead(_ => files, static file => file.Size);
        await CountedAsync(line, 2);
        foreach (FileStatus _ in line.Watch(files, static _ => true))
        {
        }
        for (int second = 0; second < 4; second++)
        {
            _clock.Advance(Second);
            line.Report(new TransferProgress("a", 1 << 20));
        }

        Shown(line).Should().Be($"{doing} 0 of 2 files, 4.0 MiB of 20.0 MiB, 1.0 MiB/s, 16 s left  a");
    }

    [Test]
    public async Task An_export_tells_how_many_files_in_a_second_and_the_time_for_the_rest()
    {
        await using TransferProgressLine line = new(_terminal, "exporting", _clock);
        line.CountAhead(static _ => [File("a"), File("b"), File("c"), File("d")], static _ => 0);
        await CountedAsync(line, 4);

        _clock.Advance(2 * Second);
        line.Pass("a");

        Shown(line).Should().Be("exporting 1 of 4 files, 0.5 files/s, 6 s left  a");
    }

    [Test]
    public async Task A_status_tells_how_many_files_in_a_second_and_no_time_because_nobody_has_counted_them()
    {
        await using TransferProgressLine line = new(_terminal, "looking at", _clock);

        line.Pass("a");
        _clock.Advance(2 * Second);
        line.Pass("b");

        Shown(line).Should().Be("looking at 2 files, 1 files/s  b");
    }

    [Test]
    public async Task An_import_is_told_by_its_copies_and_then_by_its_stubs()
    {
        await using TransferProgressLine line = new(_terminal, "importing", _clock);
        line.CountAhead(static _ => (5, 0));
        await CountedAsync(line, 5);

        using IEnumerator<string> exports = line.WatchTaken(["a", "b", "c", "d"], static path => path).GetEnumerator();
        _clock.Advance(2 * Second);
        exports.MoveNext();
        Shown(line).Should().Be("importing 1 of 5 files, 0.5 files/s, 8 s left  a");
        line.Pass("stubs.jsonl, line 2");
        while (exports.MoveNext())
        {
        }
        line.Report(new FileOutcome { Path = "b", Action = FileAction.Failed });
        _clock.Advance(Second);
        Shown(line).Should().StartWith("importing 5 of 5 files, 1.7 files/s");

        line.Report(new FileOutcome { Path = "a", Action = FileAction.Imported, Bytes = 10 << 20 });
        _clock.Advance(2 * Second);
        Shown(line).Should().Be("making stubs: 1 of 3 files, 0.5 files/s, 4 s left  a");
    }

    [Test]
    public async Task An_import_from_a_pipe_tells_no_time()
    {
        await using TransferProgressLine line = new(_terminal, "importing", _clock);

        _clock.Advance(2 * Second);
        foreach (string _ in line.WatchTaken(["a", "b"], static path => path))
        {
        }

        Shown(line).Should().Be("importing 2 files, 1 files/s  b");
    }

    [Test]
    public void A_sweep_tells_how_many_in_a_second_and_about_the_time_for_records_of_as_many_as_there_are_objects()
    {
        SweepProgressLine line = new(_terminal, _clock);
        _terminal.Follow(line.Draw);
        for (int found = 1; found <= 100; found++)
            line.Report(new SweepProgress(found, 0));
        _clock.Advance(2 * Second);
        _frames[^1].Should().EndWith("listing objects: 100, 50/s", "how many there are is not known yet");

        for (int read = 1; read <= 20; read++)
            line.Report(new SweepProgress(100, read));
        _clock.Advance(2 * Second);
        _frames[^1].Should().EndWith("reading records: 20, 10/s, about 8 s left; objects: 100");

        for (int read = 21; read <= 104; read++)
            line.Report(new SweepProgress(100, read));
        _clock.Advance(2 * Second);
        _frames[^1].Should().EndWith("reading records: 104, 26/s; objects: 100", "folders that changed are read again, and who knows how many");
    }

    [Test]
    public async Task Nothing_is_written_where_nobody_sees_it()
    {
        await using TransferProgressLine line = new(ProgressLine.Unseen, "exporting", _clock);

        line.Pass("a");

        line.WatchTaken(["a"], static path => path).Should().Equal("a");
        line.Draw(80).Should().StartWith("exporting 0 files", "nothing is counted, either");
    }

    /// <summary>The last that the terminal was sent, a second after which nothing has happened.</summary>
    private string Shown(TransferProgressLine line)
    {
        // Once a second it is drawn anyway; a clock that stands lets only the first of several changes through.
        _frames.Clear();
        _terminal.WriteAbove("");
        _terminal.Draw();
        return _frames[^1].Should().StartWith("\r\e[K").And.Be("\r\e[K" + Columns.Fit(line.Draw(79), 79)).And.Subject["\r\e[K".Length..];
    }

    /// <summary>Counting is on a thread of its own.</summary>
    private static async Task CountedAsync(TransferProgressLine line, int files)
    {
        while (!line.Draw(80).Contains($" of {files} ", StringComparison.Ordinal))
            await Task.Yield();
    }

    private static FileStatus File(string path) => new()
    {
        Path = path,
        State = FileState.Regular,
        Info = default(ShardFileInfo) with { Type = ShardEntryType.File, Size = 10 << 20 },
    };
}
