using ClusterHsm.Migration;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>Has the progress line follow a transfer. Does nothing unless somebody sees it. Safe for several threads.</summary>
internal sealed class TransferProgressLine : IProgress<TransferProgress>, IAsyncDisposable
{
    private readonly ProgressLine _line;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _end = new();
    private Stage _stage;
    private Task _counting = Task.CompletedTask;
    private string _path = "";
    private long _selected, _settled;
    private bool _isSelectionWatched;

    /// <param name="line">Where it is shown.</param>
    /// <param name="doing">What is done, such as <c>recalling</c>.</param>
    /// <param name="clock">By which rates are told; null for the real one.</param>
    public TransferProgressLine(ProgressLine line, string doing, TimeProvider? clock = null)
    {
        _line = line;
        _clock = clock ?? TimeProvider.System;
        _stage = new Stage(doing, new TransferMeter(_clock));
    }

    /// <summary>Whom the library tells of the pieces of files; null if nobody sees it.</summary>
    public IProgress<TransferProgress>? Pieces => _line.IsOnTerminal ? this : null;

    public string Draw(int width)
    {
        Stage stage = Volatile.Read(ref _stage);
        return TransferLine.Draw(stage.Doing, stage.Meter.Read(), Volatile.Read(ref _path), width);
    }

    /// <summary>Counts all that there is to do, beside the work itself: until that is done, nobody knows how long it takes.</summary>
    /// <param name="files">Walked once, on another thread.</param>
    /// <param name="sizeOf">What is to be transferred of a file.</param>
    public void CountAhead(Func<CancellationToken, IEnumerable<FileStatus>> files, Func<FileStatus, long> sizeOf) => CountAhead(end =>
    {
        long count = 0, bytes = 0;
        foreach (FileStatus file in files(end))
        {
            end.ThrowIfCancellationRequested();
            count++;
            bytes += sizeOf(file);
        }
        return (count, bytes);
    });

    /// <summary>The same for what is no selection of files.</summary>
    /// <param name="count">The number of files and their bytes; called once, on another thread.</param>
    public void CountAhead(Func<CancellationToken, (long Files, long Bytes)> count)
    {
        if (!_line.IsOnTerminal)
            return;
        _line.Follow(Draw);
        TransferMeter meter = _stage.Meter;
        _counting = Task.Run(() =>
        {
            (long files, long bytes) = count(_end.Token);
            meter.SetTotal(files, bytes);
            _line.Draw();
        });
    }

    /// <summary>Notes each file as it is taken up.</summary>
    /// <param name="files">All files, in their order.</param>
    /// <param name="isToMove">Whether a file has to be transferred.</param>
    public IEnumerable<FileStatus> Watch(IEnumerable<FileStatus> files, Func<FileStatus, bool> isToMove)
    {
        if (!_line.IsOnTerminal)
            return files;
        _isSelectionWatched = true;
        return WatchEach(files, isToMove);
    }

    /// <summary>Counts each as it is taken up, for a command that makes nothing of any of them before it has taken up all.</summary>
    /// <param name="files">All, in their order.</param>
    /// <param name="pathOf">What is shown of one.</param>
    public IEnumerable<T> WatchTaken<T>(IEnumerable<T> files, Func<T, string> pathOf)
    {
        if (!_line.IsOnTerminal)
            return files;
        _isSelectionWatched = true;
        return WatchEachTaken(files, pathOf);
    }

    /// <summary>A file of which nothing had to be transferred is through.</summary>
    public void Pass(string path)
    {
        if (!_line.IsOnTerminal)
            return;
        _stage.Meter.Pass(0);
        Volatile.Write(ref _path, path);
        _line.Follow(Draw);
    }

    public void Report(TransferProgress value)
    {
        _stage.Meter.Move(value.Path, value.Bytes);
        Volatile.Write(ref _path, value.Path);
        _line.Draw();
    }

    /// <summary>A file is through. One call at a time.</summary>
    public void Report(FileOutcome value)
    {
        if (!_line.IsOnTerminal)
            return;
        if (value.Action is FileAction.Released or FileAction.Imported && _isSelectionWatched && _selected > _settled)
            BeginStubs(value.Action == FileAction.Released ? "releasing" : "making stubs:");
        if (value.Action is not (FileAction.Archived or FileAction.Released or FileAction.Imported))
            _settled++;
        if (_isSelectionWatched)
            _stage.Meter.End(value.Path);
        else
            _stage.Meter.Pass(value.Action == FileAction.Verified ? 0 : value.Bytes);
        Volatile.Write(ref _path, value.Path);
        _line.Follow(Draw);
    }

    public async ValueTask DisposeAsync()
    {
        _line.End();
        await _end.CancelAsync();
        // It looks at the same volume, which is closed next. What it fails by, the work itself tells.
        await _counting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private IEnumerable<FileStatus> WatchEach(IEnumerable<FileStatus> files, Func<FileStatus, bool> isToMove)
    {
        foreach (FileStatus file in files)
        {
            Interlocked.Increment(ref _selected);
            if (isToMove(file))
                _stage.Meter.Begin(file.Path, file.Size);
            else
                _stage.Meter.Pass(file.Size);
            yield return file;
        }
    }

    private IEnumerable<T> WatchEachTaken<T>(IEnumerable<T> files, Func<T, string> pathOf)
    {
        foreach (T file in files)
        {
            Interlocked.Increment(ref _selected);
            Pass(pathOf(file));
            yield return file;
        }
    }

    /// <summary>All is copied that will be: from here on files are counted as they become stubs, and it is known how many there are.</summary>
    private void BeginStubs(string doing)
    {
        TransferMeter meter = new(_clock);
        meter.SetTotal(Interlocked.Read(ref _selected) - _settled, 0);
        _isSelectionWatched = false;
        Volatile.Write(ref _stage, new Stage(doing, meter));
    }

    private sealed record Stage(string Doing, TransferMeter Meter);
}
