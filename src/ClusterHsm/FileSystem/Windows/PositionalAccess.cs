using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>Reads and writes at offsets. The handle's own pointer moves and is used by nobody.</summary>
internal static unsafe class PositionalAccess
{
    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Read(SafeFileHandle file, Span<byte> buffer, long offset, out int done)
    {
        done = 0;
        fixed (byte* start = buffer)
        {
            while (done < buffer.Length)
            {
                Overlapped at = At(offset + done);
                uint read;
                if (!WindowsNative.ReadFile(file, start + done, (uint)(buffer.Length - done), &read, &at))
                    return WindowsNative.LastError is int error && error != Win32Error.HandleEof ? error : Win32Error.None;
                if (read == 0)
                    break;
                done += (int)read;
            }
        }
        return Win32Error.None;
    }

    /// <summary>Writes all of the buffer.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Write(SafeFileHandle file, ReadOnlySpan<byte> buffer, long offset)
    {
        int done = 0;
        fixed (byte* start = buffer)
        {
            while (done < buffer.Length)
            {
                Overlapped at = At(offset + done);
                uint written;
                if (!WindowsNative.WriteFile(file, start + done, (uint)(buffer.Length - done), &written, &at))
                    return WindowsNative.LastError;
                if (written == 0)
                    return Win32Error.DiskFull;
                done += (int)written;
            }
        }
        return Win32Error.None;
    }

    /// <summary>An offset as the calls take it. All handles here are synchronous, so that nothing is ever pending.</summary>
    internal static Overlapped At(long offset) => new() { OffsetLow = unchecked((uint)offset), OffsetHigh = (uint)(offset >> 32) };
}
