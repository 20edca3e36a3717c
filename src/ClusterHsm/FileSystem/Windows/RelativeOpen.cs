using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>NtCreateFile from a handle on: no drive, no <c>..</c> and no link is looked at on the way.</summary>
internal static unsafe class RelativeOpen
{
    /// <summary>Opens or makes what has a name below a handle, shared with all.</summary>
    /// <param name="from">A directory; or a file, to open it anew (an empty name) or a stream of it (<c>:name</c>).</param>
    /// <param name="name">With <c>\</c> between names.</param>
    /// <param name="access">Access rights.</param>
    /// <param name="disposition">FILE_OPEN, FILE_CREATE or FILE_OPEN_IF.</param>
    /// <param name="options">Options of NtCreateFile.</param>
    /// <param name="file">The new handle.</param>
    /// <param name="share">What others may have it open for.</param>
    /// <returns>0, or the error number.</returns>
    internal static int Open(SafeFileHandle from, string name, uint access, uint disposition, uint options, out SafeFileHandle file,
        uint share = WindowsConstants.ShareAll)
    {
        file = new SafeFileHandle();
        if (name.Length > ushort.MaxValue / sizeof(char) - 1)
            return Win32Error.InvalidName;
        bool isHeld = false;
        try
        {
            from.DangerousAddRef(ref isHeld);
            fixed (char* text = name)
            {
                UnicodeString unicode = new() { Length = (ushort)(name.Length * sizeof(char)), MaximumLength = (ushort)(name.Length * sizeof(char)), Text = text };
                ObjectAttributes attributes = new()
                {
                    Length = (uint)sizeof(ObjectAttributes),
                    RootDirectory = from.DangerousGetHandle(),
                    Name = &unicode,
                    Attributes = WindowsConstants.CaseInsensitive | WindowsConstants.DontReparse,
                };
                nint handle;
                IoStatusBlock status;
                int result = WindowsNative.NtCreateFile(&handle, access | WindowsConstants.Synchronize, &attributes, &status, null,
                    WindowsConstants.Normal, share, disposition, options | WindowsConstants.SynchronousIo, null, 0);
                if (result < 0)
                    return Win32Error.Of(result);
                Debug.Assert(handle != 0);
                file = new SafeFileHandle(handle, ownsHandle: true);
                return Win32Error.None;
            }
        }
        finally
        {
            if (isHeld)
                from.DangerousRelease();
        }
    }
}
