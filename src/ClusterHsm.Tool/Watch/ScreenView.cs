using System.Runtime.InteropServices;
using System.Text;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>
/// Draws each frame over the last one, where it stands: what was on the terminal before stays, and so does the last frame. Only sequences
/// that every terminal has (ECMA-48; the cursor's visibility is DEC's). Safe for several threads.
/// </summary>
internal sealed class ScreenView : IWatchView
{
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";
    private const string EraseRestOfLine = "\e[K";
    private const string EraseBelow = "\e[J";
    private const string EraseAll = "\e[H\e[J";

    private readonly Lock _gate = new();
    private readonly Action<string> _write;
    private readonly Func<TerminalSize> _size;
    private readonly IDisposable? _stop;
    private TerminalSize _lastSize;
    private int _lines;
    private bool _isDisposed;

    public ScreenView(Action<string> write, Func<TerminalSize> size)
    {
        (_write, _size) = (write, size);
        // A shell that this gives way to wants a cursor.
        _stop = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => GiveWay());
    }

    public void Show(WatchState state)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            TerminalSize size = _size();
            IReadOnlyList<string> lines = WatchFrame.Draw(state, size.Width, size.Height);
            var frame = new StringBuilder(HideCursor);
            // Nobody knows where the lines of a frame are after the window's change.
            if (_lines > 0 && size != _lastSize)
                frame.Append(EraseAll);
            else if (_lines > 0)
                frame.Append('\r').Append("\e[").Append(_lines).Append('A');
            foreach (string line in lines)
                frame.Append(line).Append(EraseRestOfLine).Append("\r\n");
            frame.Append(EraseBelow);
            (_lastSize, _lines) = (size, lines.Count);
            _write(frame.ToString());
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            // Also over the '^C' that a terminal has shown.
            _write('\r' + EraseRestOfLine + ShowCursor);
        }
        _stop?.Dispose();
    }

    /// <summary>Someone else writes to the terminal until the next frame, which begins anew below that.</summary>
    private void GiveWay()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _lines = 0;
            _write('\r' + EraseRestOfLine + ShowCursor);
        }
    }
}
