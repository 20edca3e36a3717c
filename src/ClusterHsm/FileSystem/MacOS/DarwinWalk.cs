using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>One walk below a root, component by component, to the directory in which the last name of a path is.</summary>
/// <remarks>
/// As the walker for Linux: every step is an openat(2) with O_NOFOLLOW on the directory reached so far; links are read and walked here.
/// <c>..</c> goes back to the descriptor the walk came from and never asks the system for the parent, so that renaming a directory beneath
/// the walk cannot lead it out of the root. An absolute link counts as one that leaves.
/// </remarks>
internal sealed unsafe class DarwinWalk(IDarwin darwin, SafeHandle root) : IDisposable
{
    /// <summary>MAXSYMLINKS of bsd/sys/param.h.</summary>
    private const int MaxLinks = 32;

    private readonly Stack<SafeFileHandle> _directories = new();

    /// <summary>The directory that was reached; the walk's own.</summary>
    internal SafeHandle Directory => _directories.Count == 0 ? root : _directories.Peek();

    /// <summary>The last name, closed by a NUL; a dot if the path ends at <see cref="Directory"/> itself.</summary>
    internal byte[] Name { get; private set; } = [];

    /// <summary>O_DIRECTORY if a slash follows the last name, else 0.</summary>
    internal int DirectoryFlag { get; private set; }

    /// <summary>Walks a path that is not closed by a NUL.</summary>
    /// <param name="path">The path.</param>
    /// <param name="leavesLastLink">Whether a link at its end is what is asked for.</param>
    /// <returns>0, or the error number; EXDEV if it leaves the root.</returns>
    internal int Go(ReadOnlySpan<byte> path, bool leavesLastLink)
    {
        byte[] rest = path.ToArray();
        byte[] link = new byte[DarwinConstants.MaxPath];
        int links = 0;
        if (rest.Length > 0 && rest[0] == '/')
            return DarwinErrno.CrossDevice;
        while (true)
        {
            ReadOnlySpan<byte> remaining = rest.AsSpan().TrimStart((byte)'/');
            int slash = remaining.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = slash < 0 ? remaining : remaining[..slash];
            ReadOnlySpan<byte> after = slash < 0 ? [] : remaining[slash..];
            bool isLast = after.TrimStart((byte)'/').IsEmpty;

            if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            {
                if (name.Length == 2)
                {
                    if (_directories.Count == 0)
                        return DarwinErrno.CrossDevice;
                    _directories.Pop().Dispose();
                }
                if (isLast)
                    return Arrive("."u8, 0);
                rest = after.ToArray();
                continue;
            }

            byte[] terminated = [.. name, 0];
            int length = isLast && leavesLastLink && slash < 0 ? -1 : ReadLink(terminated, link);
            if (length >= 0)
            {
                if (++links > MaxLinks)
                    return DarwinErrno.LinkLoop;
                if (length > 0 && link[0] == '/')
                    return DarwinErrno.CrossDevice;
                rest = [.. link.AsSpan(0, length), .. after];
                continue;
            }
            if (isLast)
                return Arrive(name, slash >= 0 ? DarwinConstants.Directory : 0);
            int errno = Step(terminated, out SafeFileHandle? directory);
            if (errno != DarwinErrno.None)
                return errno;
            _directories.Push(directory!);
            rest = after.ToArray();
        }
    }

    public void Dispose()
    {
        while (_directories.TryPop(out SafeFileHandle? directory))
            directory.Dispose();
    }

    private int Arrive(ReadOnlySpan<byte> name, int directoryFlag)
    {
        Name = [.. name, 0];
        DirectoryFlag = directoryFlag;
        return DarwinErrno.None;
    }

    private int Step(byte[] name, out SafeFileHandle? directory)
    {
        const int flags = DarwinConstants.NoFollow | DarwinConstants.CloseOnExec;
        int errno = BelowRoot.OpenAt(darwin, Directory, name, flags | DarwinConstants.Directory, 0, out directory);
        return errno == DarwinErrno.AccessDenied
            ? BelowRoot.OpenAt(darwin, Directory, name, flags | DarwinConstants.Search, 0, out directory)
            : errno;
    }

    private int ReadLink(byte[] name, byte[] buffer)
    {
        fixed (byte* pointer = name, target = buffer)
            return (int)darwin.ReadLinkAt(Directory, pointer, target, (nuint)buffer.Length);
    }
}
