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
        byte empty = 0;
        int result;
        fixed (StatxBuffer* pointer = &buffer)
        {
            do
                result = LinuxNative.StatX(file, &empty, LinuxConstants.EmptyPath | LinuxConstants.NoFollowFlag | sync, mask, pointer);
            while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        }
        return result == 0 ? Errno.None : LinuxNative.LastError;
    }

    /// <summary>The same of a descriptor that no other thread knows yet, so that its calls need not be counted.</summary>
    internal static int OfFresh(LinuxFileHandle file, uint mask, int sync, out StatxBuffer buffer)
    {
        byte empty = 0;
        int result;
        fixed (StatxBuffer* pointer = &buffer)
        {
            do
                result = LinuxNative.StatX((int)file.DangerousGetHandle(), &empty, LinuxConstants.EmptyPath | LinuxConstants.NoFollowFlag | sync, mask, pointer);
            while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        }
        return result == 0 ? Errno.None : LinuxNative.LastError;
    }

    /// <summary>Facts about a name in an open directory; a symbolic link is not followed, and nothing is mounted for it.</summary>
    internal static int Of(int directory, byte* name, uint mask, int sync, out StatxBuffer buffer)
    {
        int result;
        fixed (StatxBuffer* pointer = &buffer)
        {
            do
                result = LinuxNative.StatX(directory, name, LinuxConstants.NoFollowFlag | LinuxConstants.NoAutomount | sync, mask, pointer);
            while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        }
        return result == 0 ? Errno.None : LinuxNative.LastError;
    }
}
