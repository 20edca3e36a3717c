using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>LockFileEx and UnlockFileEx, which answer at once.</summary>
internal static unsafe class NativeLocks
{
    /// <returns>0, or the error number.</returns>
    internal static int Lock(SafeFileHandle file, LockRange range, LockKind kind)
    {
        uint flags = WindowsConstants.FailImmediately | (kind == LockKind.Exclusive ? WindowsConstants.ExclusiveLock : 0);
        Overlapped at = PositionalAccess.At(range.Offset);
        try
        {
            return WindowsNative.LockFileEx(file, flags, 0, Low(range), High(range), &at) ? Win32Error.None : WindowsNative.LastError;
        }
        catch (ObjectDisposedException)
        {
            return Win32Error.InvalidHandle;
        }
    }

    /// <returns>0, or the error number.</returns>
    internal static int Unlock(SafeFileHandle file, LockRange range)
    {
        Overlapped at = PositionalAccess.At(range.Offset);
        try
        {
            return WindowsNative.UnlockFileEx(file, 0, Low(range), High(range), &at) ? Win32Error.None : WindowsNative.LastError;
        }
        catch (ObjectDisposedException)
        {
            return Win32Error.InvalidHandle;
        }
    }

    private static uint Low(LockRange range) => unchecked((uint)range.Length);

    private static uint High(LockRange range) => (uint)(range.Length >> 32);
}
