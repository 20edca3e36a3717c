namespace ClusterHsm.FileSystem.Linux;

/// <summary>One walk below a root, component by component, where openat2(2) is missing.</summary>
/// <remarks>
/// Every step is an openat(2) with O_NOFOLLOW on the directory reached so far; links are read and walked here. <c>..</c> goes back to
/// the descriptor the walk came from and never asks the kernel for the parent, so that renaming a directory beneath the walk cannot
/// lead it out of the root.
/// </remarks>
internal sealed unsafe class BeneathWalker(LinuxFileHandle root) : IDisposable
{
    /// <summary>As in the kernel (MAXSYMLINKS).</summary>
    private const int MaxLinks = 40;

    /// <summary>PATH_MAX: no link is longer.</summary>
    private const int MaxLinkLength = 4096;

    private readonly Stack<LinuxFileHandle> _directories = new();

    private LinuxFileHandle Here => _directories.Count == 0 ? root : _directories.Peek();

    /// <summary>Opens a path that is not closed by a NUL; otherwise as <see cref="BeneathResolver.Open"/>.</summary>
    internal int Open(ReadOnlySpan<byte> path, int flags, uint mode, out int descriptor)
    {
        descriptor = -1;
        byte[] rest = path.ToArray();
        int links = 0;
        bool leavesLastLink = (flags & LinuxConstants.NoFollow) != 0
            || (flags & (LinuxConstants.Create | LinuxConstants.Exclusive)) == (LinuxConstants.Create | LinuxConstants.Exclusive);
        if (rest.Length > 0 && rest[0] == '/')
            return Errno.CrossDevice;
        byte[] link = new byte[MaxLinkLength];
        while (true)
        {
            ReadOnlySpan<byte> remaining = rest.AsSpan().TrimStart((byte)'/');
            if (remaining.IsEmpty)
                return OpenAt("."u8, flags, mode, out descriptor);
            int slash = remaining.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = slash < 0 ? remaining : remaining[..slash];
            ReadOnlySpan<byte> after = slash < 0 ? [] : remaining[slash..];
            bool isLast = after.TrimStart((byte)'/').IsEmpty;
            bool mustBeDirectory = slash >= 0;

            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            {
                if (name.Length == 2)
                {
                    if (_directories.Count == 0)
                        return Errno.CrossDevice;
                    _directories.Pop().Dispose();
                }
                rest = after.ToArray();
                continue;
            }

            int length = isLast && leavesLastLink && !mustBeDirectory ? -1 : ReadLink(name, link);
            if (length >= 0)
            {
                if (++links > MaxLinks)
                    return Errno.LinkLoop;
                if (length > 0 && link[0] == '/')
                    return Errno.CrossDevice;
                rest = [.. link.AsSpan(0, length), .. after];
                continue;
            }
            if (isLast)
            {
                int directory = mustBeDirectory ? LinuxConstants.Directory : 0;
                return OpenAt(name, flags | LinuxConstants.NoFollow | directory, mode, out descriptor);
            }
            int errno = OpenAt(name,
                LinuxConstants.PathOnly | LinuxConstants.Directory | LinuxConstants.NoFollow | LinuxConstants.CloseOnExec, 0, out int step);
            if (errno != Errno.None)
                return errno;
            _directories.Push(new LinuxFileHandle(step));
            rest = after.ToArray();
        }
    }

    public void Dispose()
    {
        while (_directories.TryPop(out LinuxFileHandle? directory))
            directory.Dispose();
    }

    private int OpenAt(ReadOnlySpan<byte> name, int flags, uint mode, out int descriptor)
    {
        byte[] terminated = [.. name, 0];
        fixed (byte* pointer = terminated)
        {
            do
                descriptor = LinuxNative.OpenAt(Here, pointer, flags, mode);
            while (descriptor < 0 && LinuxNative.LastError == Errno.Interrupted);
            return descriptor >= 0 ? Errno.None : LinuxNative.LastError;
        }
    }

    private int ReadLink(ReadOnlySpan<byte> name, byte[] buffer)
    {
        byte[] terminated = [.. name, 0];
        fixed (byte* pointer = terminated, target = buffer)
            return (int)LinuxNative.ReadLinkAt(Here, pointer, target, (nuint)buffer.Length);
    }
}
