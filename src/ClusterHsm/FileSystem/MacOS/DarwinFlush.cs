using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>The two kinds of flush that macOS has.</summary>
internal static class DarwinFlush
{
    /// <summary>To the disk and out of its cache: F_FULLFSYNC, or fsync(2) where that is all the file system has (a server's).</summary>
    /// <returns>0, or the negative error number.</returns>
    internal static int Durably(IDarwin darwin, SafeHandle file)
    {
        int answer;
        do
            answer = darwin.Control(file, DarwinConstants.FullSync, 0);
        while (answer == -DarwinErrno.Interrupted);
        return answer is -DarwinErrno.NotSupported or -DarwinErrno.NotSupportedOnSocket or -DarwinErrno.NotATerminal or -DarwinErrno.Invalid
            or -DarwinErrno.NoDevice ? ToDisk(darwin, file) : Math.Min(answer, 0);
    }

    /// <summary>To the disk, which may keep it in its cache: fsync(2).</summary>
    /// <returns>0, or the negative error number.</returns>
    internal static int ToDisk(IDarwin darwin, SafeHandle file)
    {
        int answer;
        do
            answer = darwin.Sync(file);
        while (answer == -DarwinErrno.Interrupted);
        return answer;
    }
}
