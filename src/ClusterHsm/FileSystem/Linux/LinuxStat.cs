namespace ClusterHsm.FileSystem.Linux;

/// <summary>statx(2).</summary>
internal static unsafe class LinuxStat
{
    /// <summary>Facts about an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mask">Which facts.</param>
    /// <param name="sync">Whether a server must be asked: AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC.</param>
    /// <param name="buffer">The facts.</param>
    /// <returns>0, or the error number.</returns>
    internal static int Of(LinuxFileHandle file, uint mask, int sync, out StatxBuffer buffer)
    {
        int errno = Of(file.Hold(), mask, sync, out buffer);
        file.LetGo();
        return errno;
    }

    /// <summary>The same of a descriptor that the caller keeps open.</summary>
    internal static int Of(int descriptor, uint mask, int sync, out StatxBuffer buffer)
    {
        byte empty = 0;
        return Ask(descriptor, &empty, LinuxConstants.EmptyPath | sync, mask, out buffer);
    }

    /// <summary>Facts about a name in an open directory; a symbolic link is not followed, and nothing is mounted for it.</summary>
    internal static int Of(int directory, byte* name, uint mask, int sync, out StatxBuffer buffer) =>
        Ask(directory, name, LinuxConstants.NoAutomount | sync, mask, out buffer);

    private static int Ask(int directory, byte* name, int flags, uint mask, out StatxBuffer buffer)
    {
        fixed (StatxBuffer* pointer = &buffer)
        {
            while (LinuxNative.StatX(directory, name, LinuxConstants.NoFollowFlag | flags, mask, pointer) != 0)
            {
                int errno = LinuxNative.FreshError;
                if (errno != Errno.Interrupted)
                    return errno;
            }
            return Errno.None;
        }
    }
}
