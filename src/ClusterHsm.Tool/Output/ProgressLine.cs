namespace ClusterHsm.Tool.Output;

/// <summary>A line on standard error that is written over; nothing unless standard error is a terminal. Safe for several threads.</summary>
internal sealed class ProgressLine
{
    /// <summary>Back to the first column, and erase to the end of the line (ECMA-48).</summary>
    private const string Erase = "\r\e[K";

    /// <summary>More often than five times a second, nobody can read it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _lastShown;
    private bool _isShown;

    public void Show(string text)
    {
        if (!_isTerminal)
            return;
        lock (_gate)
        {
            if (_isShown && TimeProvider.System.GetElapsedTime(_lastShown) < Interval)
                return;
            Console.Error.Write(Erase + text);
            _lastShown = TimeProvider.System.GetTimestamp();
            _isShown = true;
        }
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteAbove(string line)
    {
        lock (_gate)
        {
            ClearShown();
            Console.Error.WriteLine(line);
        }
    }

    public void Clear()
    {
        lock (_gate)
            ClearShown();
    }

    private void ClearShown()
    {
        if (_isShown)
            Console.Error.Write(Erase);
        _isShown = false;
    }
}
