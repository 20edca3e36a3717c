namespace ClusterHsm.Tool.Output;

/// <summary>A line on standard error that is written over; nothing unless standard error is a terminal. Safe for several threads.</summary>
/// <param name="isOnTerminal">Whether there is anybody to see it.</param>
/// <param name="write">Where it goes; null for standard error.</param>
/// <param name="clock">By which it is drawn again; null for the real one.</param>
internal sealed class ProgressLine(bool isOnTerminal, Action<string>? write = null, TimeProvider? clock = null) : IDisposable
{
    /// <summary>Shows nothing.</summary>
    public static readonly ProgressLine Unseen = new(isOnTerminal: false);

    /// <summary>Back to the first column, and erase to the end of the line (ECMA-48).</summary>
    private const string Erase = "\r\e[K";

    /// <summary>More often than five times a second, nobody can read it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>A transfer that hangs is seen to.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Action<string> _write = write ?? WriteToError;
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private Func<int, string>? _draw;
    private ITimer? _timer;
    private long _lastShown;
    private bool _isShown;

    /// <summary>Whether what is followed is ever drawn.</summary>
    public bool IsOnTerminal => isOnTerminal;

    /// <summary>
    /// Shows a text until <see cref="End"/>, drawn anew for a number of columns whenever <see cref="Draw"/> is called, and once a second.
    /// Draws what is followed already, if there is something.
    /// </summary>
    public void Follow(Func<int, string> draw)
    {
        if (!isOnTerminal)
            return;
        lock (_gate)
        {
            _draw ??= draw;
            _timer ??= _clock.CreateTimer(static line => ((ProgressLine)line!).Draw(), this, LongestInterval, LongestInterval);
        }
        Draw();
    }

    /// <summary>Draws what is followed, unless it was drawn this very moment.</summary>
    public void Draw()
    {
        if (!isOnTerminal)
            return;
        lock (_gate)
        {
            if (_draw is null || (_isShown && _clock.GetElapsedTime(_lastShown) < Interval))
                return;
            // A line that fills the last column may be wrapped, and then it cannot be erased.
            int width = Terminal.SizeOf(Terminal.StandardError).Width - 1;
            _write(Erase + Columns.Fit(_draw(width), width));
            _lastShown = _clock.GetTimestamp();
            _isShown = true;
        }
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteAbove(string line)
    {
        lock (_gate)
        {
            ClearShown();
            _write(line + Environment.NewLine);
        }
    }

    /// <summary>Erases the line and follows nothing any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _draw = null;
            _timer?.Dispose();
            _timer = null;
            ClearShown();
        }
    }

    public void Dispose() => End();

    /// <summary>A full disk behind standard error, or nothing at all, must not end what a command is in the middle of.</summary>
    private static void WriteToError(string text)
    {
        try
        {
            Console.Error.Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody is left to be told.
        }
    }

    private void ClearShown()
    {
        if (_isShown)
            _write(Erase);
        _isShown = false;
    }
}
