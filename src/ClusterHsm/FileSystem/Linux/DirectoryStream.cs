using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>An open directory, entry by entry. Not thread-safe.</summary>
/// <remarks>Entries that are made or removed meanwhile may or may not be seen; all others are seen once (readdir(3)).</remarks>
internal sealed unsafe class DirectoryStream : IDisposable
{
    // struct dirent on 64-bit Linux, glibc and musl alike: d_ino, d_off, d_reclen, d_type, d_name.
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private nint _stream;

    /// <summary>Takes a descriptor over.</summary>
    /// <exception cref="ShardIOException">No memory.</exception>
    internal DirectoryStream(LinuxFileHandle directory, string fullPath)
    {
        using (directory)
        {
            Descriptor = directory.Descriptor;
            _stream = LinuxNative.FdOpenDir(Descriptor);
            if (_stream == 0)
                throw LinuxErrors.Failure("list", fullPath, LinuxNative.LastError);
            directory.Detach(); // the stream closes it now
        }
    }

    /// <summary>The directory's own descriptor, to look at its entries by name.</summary>
    internal int Descriptor { get; }

    /// <summary>The next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="errno">If there is none: 0 at the end, otherwise the error number.</param>
    internal bool TryRead(out ShardEntry entry, out int errno)
    {
        bool found = TryRead(out byte* name, out ShardEntryType type, out ulong inode, out errno);
        entry = found ? new ShardEntry(NameOf(name), type, inode) : default;
        return found;
    }

    /// <summary>The same with the name as the kernel gave it, closed by a NUL and good until the next call.</summary>
    internal bool TryRead(out byte* name, out ShardEntryType type, out ulong inode, out int errno)
    {
        while (true)
        {
            byte* found = LinuxNative.ReadDir(_stream);
            if (found is null)
            {
                errno = LinuxNative.LastError;
                name = null;
                (type, inode) = (default, 0);
                return false;
            }
            name = found + NameOffset;
            if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)))
                continue;
            (type, inode, errno) = (TypeOf(found[TypeOffset]), *(ulong*)found, Errno.None);
            return true;
        }
    }

    /// <summary>A name as text.</summary>
    internal static string NameOf(byte* name) => FileNameCoding.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));

    public void Dispose()
    {
        nint stream = Interlocked.Exchange(ref _stream, 0);
        if (stream != 0)
            LinuxNative.CloseDir(stream);
    }

    private static ShardEntryType TypeOf(byte type) => type switch // DT_… of readdir(3)
    {
        0 => ShardEntryType.Unknown,
        4 => ShardEntryType.Directory,
        8 => ShardEntryType.File,
        10 => ShardEntryType.SymbolicLink,
        _ => ShardEntryType.Other,
    };
}
