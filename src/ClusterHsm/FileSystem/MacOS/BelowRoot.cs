using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>Finds what lies below a root, and nothing else: no <c>..</c> and no symbolic link leads out of it.</summary>
/// <remarks>
/// A path without <c>..</c> is one call with O_NOFOLLOW_ANY, in which the system follows no link: it can only lead down. A path that has
/// links, or goes up, is walked component by component (<see cref="DarwinWalk"/>). O_RESOLVE_BENEATH, which would do both, came with
/// macOS 15 only, and older kernels pass over it without a word.
/// </remarks>
internal sealed unsafe class BelowRoot(IDarwin darwin, SafeHandle root)
{
    /// <summary>Opens a path.</summary>
    /// <param name="path">Bytes closed by a NUL; none but the NUL is the root.</param>
    /// <param name="flags">O_… flags.</param>
    /// <param name="mode">With O_CREAT, permission bits before the umask; otherwise 0.</param>
    /// <param name="file">The new descriptor.</param>
    /// <returns>0, or the error number; EXDEV if the path leaves the root.</returns>
    internal int Open(ReadOnlySpan<byte> path, int flags, uint mode, out SafeFileHandle? file)
    {
        flags |= DarwinConstants.CloseOnExec;
        if (OnlyLeadsDown(path))
        {
            int errno = OpenAt(darwin, root, path, flags | DarwinConstants.NoFollowAny, mode, out file);
            if (errno != DarwinErrno.LinkLoop)
                return errno;
        }
        using DarwinWalk walk = new(darwin, root);
        bool leavesLastLink = (flags & DarwinConstants.NoFollow) != 0
            || (flags & (DarwinConstants.Create | DarwinConstants.Exclusive)) == (DarwinConstants.Create | DarwinConstants.Exclusive);
        int failure = walk.Go(path[..^1], leavesLastLink);
        if (failure == DarwinErrno.None)
            return OpenAt(darwin, walk.Directory, walk.Name, flags | DarwinConstants.NoFollow | walk.DirectoryFlag, mode, out file);
        file = null;
        return failure;
    }

    /// <summary>Facts about what has a path; a link at its end is looked at itself. Nothing is opened.</summary>
    /// <returns>0, or the error number.</returns>
    internal int Look(ReadOnlySpan<byte> path, out DarwinStat facts)
    {
        if (OnlyLeadsDown(path))
        {
            int errno = StatAt(root, path, DarwinConstants.StatNoFollowAny, out facts);
            if (errno != DarwinErrno.LinkLoop)
                return errno;
        }
        facts = default;
        using DarwinWalk walk = new(darwin, root);
        int failure = walk.Go(path[..^1], leavesLastLink: true);
        if (failure != DarwinErrno.None)
            return failure;
        failure = StatAt(walk.Directory, walk.Name, DarwinConstants.StatNoFollow, out facts);
        return failure == DarwinErrno.None && walk.DirectoryFlag != 0 && facts.Type != ShardEntryType.Directory ? DarwinErrno.NotDirectory : failure;
    }

    /// <summary>openat(2), again if interrupted.</summary>
    internal static int OpenAt(IDarwin darwin, SafeHandle directory, ReadOnlySpan<byte> path, int flags, uint mode, out SafeFileHandle? file)
    {
        int answer;
        fixed (byte* pointer = path.Length == 1 ? ".\0"u8 : path)
        {
            do
                answer = darwin.OpenAt(directory, pointer, flags, mode);
            while (answer == -DarwinErrno.Interrupted);
        }
        file = answer < 0 ? null : new SafeFileHandle(answer, ownsHandle: true);
        return answer < 0 ? -answer : DarwinErrno.None;
    }

    private int StatAt(SafeHandle directory, ReadOnlySpan<byte> path, int flags, out DarwinStat facts)
    {
        int answer;
        fixed (DarwinStat* found = &facts)
        fixed (byte* pointer = path.Length == 1 ? ".\0"u8 : path)
        {
            do
                answer = darwin.StatAt(directory, pointer, found, flags);
            while (answer == -DarwinErrno.Interrupted);
        }
        return -answer;
    }

    /// <summary>Whether a path, closed by a NUL, neither begins at the system's root nor has a <c>..</c> among its names.</summary>
    internal static bool OnlyLeadsDown(ReadOnlySpan<byte> path)
    {
        path = path[..^1];
        if (path.StartsWith("/"u8))
            return false;
        while (!path.IsEmpty)
        {
            int slash = path.IndexOf((byte)'/');
            if ((slash < 0 ? path : path[..slash]).SequenceEqual(".."u8))
                return false;
            path = slash < 0 ? [] : path[(slash + 1)..];
        }
        return true;
    }
}
