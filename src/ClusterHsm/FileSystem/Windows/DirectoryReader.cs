using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>An open directory, a buffer of entries at a time. Not thread-safe.</summary>
internal sealed unsafe class DirectoryReader(SafeFileHandle directory) : IDisposable
{
    private const int BufferLength = 64 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);
    private int _next = -1;
    private bool _isBegun;

    /// <summary>The next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="error">If there is none: 0 at the end, otherwise the error number.</param>
    internal bool TryRead(out ShardEntry entry, out int error)
    {
        error = Win32Error.None;
        entry = default;
        while (true)
        {
            if (_next < 0 && !TryFill(out error))
                return false;
            fixed (byte* start = _buffer)
            {
                FileIdBothDirInfo* found = (FileIdBothDirInfo*)(start + _next);
                string name = new((char*)((byte*)found + FileIdBothDirInfo.NameOffset), 0, (int)found->NameLength / sizeof(char));
                _next = found->NextEntry == 0 ? -1 : _next + (int)found->NextEntry;
                if (name is "." or "..")
                    continue;
                uint tag = (found->Attributes & WindowsConstants.ReparsePoint) != 0 ? found->ExtendedLength : 0;
                entry = new ShardEntry(name, WindowsFacts.TypeOf(found->Attributes, tag), found->FileId);
                return true;
            }
        }
    }

    public void Dispose() => directory.Dispose();

    private bool TryFill(out int error)
    {
        int kind = _isBegun ? WindowsConstants.IdBothDirectoryInfo : WindowsConstants.IdBothDirectoryRestartInfo;
        _isBegun = true;
        fixed (byte* start = _buffer)
        {
            if (WindowsNative.GetFileInformationByHandleEx(directory, kind, start, BufferLength))
            {
                _next = 0;
                error = Win32Error.None;
                return true;
            }
        }
        // ERROR_FILE_NOT_FOUND: not even "." (the root of a volume).
        error = WindowsNative.LastError is int failure && failure is not (Win32Error.NoMoreFiles or Win32Error.FileNotFound) ? failure : Win32Error.None;
        return false;
    }
}
