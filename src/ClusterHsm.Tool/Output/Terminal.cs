using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterHsm.Tool.Output;

/// <summary>What is known of the terminal behind a standard stream.</summary>
/// <remarks>.NET's own window size comes with a change of the terminal's key mode, which nobody has asked for.</remarks>
internal static unsafe partial class Terminal
{
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    /// <summary>What a terminal has that does not say.</summary>
    public static readonly TerminalSize DefaultSize = new(80, 24);

    // <asm-generic/ioctls.h>; other architectures number it otherwise, and then the default size holds.
    private const nuint Tiocgwinsz = 0x5413;

    // <sys/ttycom.h> of macOS: _IOR('t', 104, struct winsize)
    private const nuint TiocgwinszOfMac = 0x4008_7468;

    /// <summary>Whether standard output can be drawn over.</summary>
    public static bool CanRedrawOutput => !Console.IsOutputRedirected && !IsDumb;

    /// <summary>Whether standard error can be drawn over.</summary>
    public static bool CanRedrawError => !Console.IsErrorRedirected && !IsDumb;

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    /// <summary>Asked anew each time: windows change their size.</summary>
    public static TerminalSize SizeOf(int descriptor)
    {
        WindowSize size;
        if (Ask(descriptor, &size) == 0 && size.Columns > 0 && size.Rows > 0)
            return new TerminalSize(size.Columns, size.Rows);
        return new TerminalSize(FromEnvironment("COLUMNS") ?? DefaultSize.Width, FromEnvironment("LINES") ?? DefaultSize.Height);
    }

    private static int? FromEnvironment(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

    private static int Ask(int descriptor, WindowSize* size) =>
        OperatingSystem.IsLinux() ? Ioctl(descriptor, Tiocgwinsz, size)
        : !OperatingSystem.IsMacOS() ? -1
        : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Ioctl(descriptor, TiocgwinszOfMac, size)
        : IoctlPadded(descriptor, TiocgwinszOfMac, 0, 0, 0, 0, 0, 0, size);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int descriptor, nuint request, WindowSize* size);

    /// <summary>Apple silicon passes variadic arguments on the stack, so the registers that the named ones leave are filled.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int IoctlPadded(int descriptor, nuint request, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, WindowSize* size);

    /// <summary><c>struct winsize</c> of <c>&lt;asm-generic/termios.h&gt;</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort WidthInPixels;
        public ushort HeightInPixels;
    }
}

/// <summary>Columns and rows of a terminal.</summary>
internal readonly record struct TerminalSize(int Width, int Height);
