using System.Diagnostics;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>Opens what lies below a root, and nothing else: no <c>..</c> and no symbolic link leads out of it.</summary>
/// <remarks>
/// openat2(2) with RESOLVE_BENEATH, in one call. Kernels before 5.6 lack it, and container sandboxes refuse it with EPERM; there
/// <see cref="BeneathWalker"/> does the same, component by component. As in openat2, an absolute link counts as one that leaves.
/// </remarks>
internal sealed unsafe class BeneathResolver
{
    /// <summary>EAGAIN says that a rename raced with a <c>..</c> (openat2(2)), or, with O_NONBLOCK, that a lease is in the way.</summary>
    private const int AttemptsAgainstRaces = 4;

    private readonly LinuxFileHandle _root;

    /// <param name="root">The root, which stays the caller's.</param>
    /// <param name="useOpenAt2">True or false to insist; null to ask the kernel.</param>
    internal BeneathResolver(LinuxFileHandle root, bool? useOpenAt2)
    {
        _root = root;
        UsesOpenAt2 = useOpenAt2 ?? IsOpenAt2Available();
    }

    internal bool UsesOpenAt2 { get; }

    /// <summary>Opens a path.</summary>
    /// <param name="path">Bytes closed by a NUL; none but the NUL is the root.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <param name="mode">With O_CREAT, permission bits before the umask; otherwise 0.</param>
    /// <param name="descriptor">The new descriptor, or -1.</param>
    /// <returns>0, or the error number.</returns>
    internal int Open(ReadOnlySpan<byte> path, int flags, uint mode, out int descriptor)
    {
        Debug.Assert(path[^1] == 0);
        flags |= LinuxConstants.CloseOnExec;
        if (!UsesOpenAt2)
            return Walk(path[..^1], flags, mode, out descriptor);
        OpenHow how = new() { Flags = (uint)flags, Mode = mode, Resolve = LinuxConstants.ResolveBeneath };
        int root = _root.Hold();
        int attempts = 0;
        int errno;
        do
            errno = OpenAt2(root, path.Length == 1 ? ".\0"u8 : path, how, out descriptor);
        while (errno == Errno.Interrupted || (errno == Errno.Again && ++attempts < AttemptsAgainstRaces));
        _root.LetGo();
        return errno;
    }

    private static int OpenAt2(int root, ReadOnlySpan<byte> path, OpenHow how, out int descriptor)
    {
        fixed (byte* name = path)
            descriptor = (int)LinuxNative.OpenAt2(LinuxConstants.OpenAt2SystemCall, root, name, &how, (nuint)sizeof(OpenHow));
        return descriptor >= 0 ? Errno.None : LinuxNative.FreshError;
    }

    private int Walk(ReadOnlySpan<byte> path, int flags, uint mode, out int descriptor)
    {
        using BeneathWalker walker = new(_root);
        return walker.Open(path, flags, mode, out descriptor);
    }

    private bool IsOpenAt2Available()
    {
        OpenHow how = new()
        {
            Flags = (uint)(LinuxConstants.PathOnly | LinuxConstants.Directory | LinuxConstants.CloseOnExec),
            Resolve = LinuxConstants.ResolveBeneath,
        };
        int errno = OpenAt2(_root.Hold(), ".\0"u8, how, out int descriptor);
        _root.LetGo();
        if (errno == Errno.None)
            LinuxNative.Close(descriptor);
        return errno is not (Errno.NoSystemCall or Errno.NotPermitted or Errno.Invalid);
    }
}
