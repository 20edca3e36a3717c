using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tool;
using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>What the line says while the library tells of pieces and of files.</summary>
public sealed class TransferProgressLineTests
{
    private const long MiB = 1 << 20;

    private ManualTimeProvider _clock = null!;
    private TransferProgressLine _line = null!;

    [SetUp]
    public void MakeLine()
    {
        _clock = new ManualTimeProvider();
        _line = new TransferProgressLine(new ProgressLine(isOnTerminal: true, static _ => { }), "archiving", _clock);
    }

    [TearDown]
    public async Task EndLine() => await _line.DisposeAsync();

    [Test]
    public async Task A_migration_is_told_by_its_copies_and_then_by_its_releases()
    {
        FileStatus[] files = [File("a", FileState.Regular), File("b", FileState.Regular), File("c", FileState.Archived), File("pinned", FileState.Regular)];
        await CountAsync(files, static file => file.Size);
        foreach (FileStatus _ in _line.Watch(files, static file => file.State == FileState.Regular))
        {
        }
        Move("a", 5);
        Said().Should().Be("archiving 1 of 4 files, 15.0 MiB of 40.0 MiB, 1.0 MiB/s, 15 s left  a");

        Move("a", 5);
        Tell("a", FileAction.Archived);
        Tell("pinned", FileAction.Skipped);
        Move("b", 10);
        Tell("b", FileAction.Archived);
        Said().Should().StartWith("archiving 4 of 4 files, 40.0 MiB of 40.0 MiB, 1.0 MiB/s");

        Tell("c", FileAction.Released);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Said().Should().Be("releasing 1 of 3 files, 0.5 files/s, 4 s left  c");
        Tell("a", FileAction.Released);
        Tell("b", FileAction.Failed);
        Said().Should().StartWith("releasing 3 of 3 files");
    }

    [Test]
    public async Task A_verify_is_told_by_what_it_reads()
    {
        await CountAsync([File("a", FileState.Released), File("b", FileState.Regular)], static file => file.State == FileState.Regular ? 0 : file.Size);
        Move("a", 5);
        Said().Should().Be("archiving 0 of 2 files, 5.0 MiB of 10.0 MiB, 1.0 MiB/s, 5 s left  a");
        Move("a", 5);
        Tell("a", FileAction.Verified);
        Tell("b", FileAction.AlreadyDone);
        Said().Should().StartWith("archiving 2 of 2 files, 10.0 MiB of 10.0 MiB");
    }

    [Test]
    public async Task In_a_pipe_nothing_is_counted()
    {
        bool isWalked = false;
        await using TransferProgressLine line = new(new ProgressLine(isOnTerminal: false, static _ => throw new InvalidOperationException()), "archiving");

        line.CountAhead(Walk, static file => file.Size);
        line.Report(new FileOutcome { Path = "a", Action = FileAction.Archived });

        line.Pieces.Should().BeNull();
        isWalked.Should().BeFalse();

        IEnumerable<FileStatus> Walk(CancellationToken end)
        {
            isWalked = true;
            return [];
        }
    }

    private async Task CountAsync(FileStatus[] files, Func<FileStatus, long> sizeOf)
    {
        _line.CountAhead(_ => files, sizeOf);
        while (!_line.Draw(80).Contains($" of {files.Length} ", StringComparison.Ordinal))
            await Task.Yield();
    }

    /// <summary>So many MiB, one in a second.</summary>
    private void Move(string path, int count)
    {
        for (int piece = 0; piece < count; piece++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _line.Report(new TransferProgress(path, MiB));
        }
    }

    private void Tell(string path, FileAction action) => _line.Report(new FileOutcome { Path = path, Action = action, Bytes = action is FileAction.AlreadyDone or FileAction.Skipped ? 0 : 10 * MiB });

    private string Said() => _line.Draw(120);

    private static FileStatus File(string path, FileState state) => new()
    {
        Path = path,
        State = state,
        Info = default(ShardFileInfo) with { Type = ShardEntryType.File, Size = 10 * MiB },
    };
}
