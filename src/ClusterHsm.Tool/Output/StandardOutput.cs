using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Tool.Output;

/// <summary>
/// Standard output, which notices that its reader has gone: .NET's own stream swallows EPIPE, so that a whole stub would be fetched for
/// <c>head -c 10</c>. Other failures say that they are its own: "No space left on device" must not be taken for the shard's.
/// </summary>
internal static unsafe partial class StandardOutput
{
    private const int Descriptor = 1;

    // <asm-generic/errno-base.h>, and <sys/errno.h> of macOS
    private const int Eintr = 4;
    private const int Epipe = 32;

    private static readonly Stream Output = Console.OpenStandardOutput();

    /// <summary>Whether it goes into a file, and to nobody who may do something with it meanwhile. Windows does not tell pipes from files here.</summary>
    public static bool IsFile
    {
        get
        {
            if (!Console.IsOutputRedirected || OperatingSystem.IsWindows())
                return Console.IsOutputRedirected;
            using SafeFileHandle output = new(Descriptor, ownsHandle: false);
            using FileStream stream = new(output, FileAccess.Write, bufferSize: 0);
            return stream.CanSeek;
        }
    }

    /// <exception cref="ClosedOutputException">Nobody reads it any more.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(ReadOnlySpan<byte> bytes)
    {
        while (!OperatingSystem.IsWindows() && !bytes.IsEmpty)
        {
            nint written;
            fixed (byte* first = bytes)
                written = Write(Descriptor, first, (nuint)bytes.Length);
            if (written >= 0)
                bytes = bytes[(int)written..];
            else if (Marshal.GetLastPInvokeError() == Epipe)
                throw new ClosedOutputException();
            else if (Marshal.GetLastPInvokeError() != Eintr)
                break; // .NET's stream waits where it would block, and has words for the rest
        }
        try
        {
            Output.Write(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"standard output cannot be written: {e.Message}", e);
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);
}

/// <summary>Whoever reads standard output has closed it.</summary>
internal sealed class ClosedOutputException() : IOException("standard output was closed");
