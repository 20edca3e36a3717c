using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>An open directory, entry by entry. Not thread-safe.</summary>
/// <remarks>Entries that are made or removed meanwhile may or may not be seen; all others are seen once.</remarks>
internal sealed unsafe class DarwinDirectory : IDisposable
{
    private readonly IDarwin _darwin;
    private nint _stream;

    /// <summary>Takes a descriptor over.</summary>
    /// <exception cref="ShardIOException">No memory.</exception>
    internal DarwinDirectory(IDarwin darwin, SafeFileHandle directory, string fullPath)
    {
        _darwin = darwin;
        using (directory)
        {
            int answer = darwin.OpenDirectory((int)directory.DangerousGetHandle(), out _stream);
            if (answer < 0)
                throw DarwinErrors.Failure("list", fullPath, -answer);
            directory.SetHandleAsInvalid(); // the stream closes it now
        }
    }

    /// <summary>The next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="errno">If there is none: 0 at the end, otherwise the error number.</param>
    internal bool TryRead(out ShardEntry entry, out int errno)
    {
        while (true)
        {
            errno = -_darwin.ReadDirectory(_stream, out DarwinDirectoryEntry* found);
            if (errno != DarwinErrno.None || found is null)
            {
                entry = default;
                return false;
            }
            byte* name = (byte*)found + DarwinDirectoryEntry.NameOffset;
            if (found->Inode == 0 || (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))))
                continue;
            entry = new ShardEntry(FileNameCoding.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), TypeOf(found->Type), found->Inode);
            return true;
        }
    }

    public void Dispose()
    {
        nint stream = Interlocked.Exchange(ref _stream, 0);
        if (stream != 0)
            _darwin.CloseDirectory(stream);
    }

    private static ShardEntryType TypeOf(byte type) => (type << 12) switch // IFTODT of bsd/sys/dirent.h
    {
        0 => ShardEntryType.Unknown,
        DarwinConstants.DirectoryType => ShardEntryType.Directory,
        DarwinConstants.RegularType => ShardEntryType.File,
        DarwinConstants.LinkType => ShardEntryType.SymbolicLink,
        _ => ShardEntryType.Other,
    };
}
