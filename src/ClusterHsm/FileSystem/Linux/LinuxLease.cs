namespace ClusterHsm.FileSystem.Linux;

/// <summary>File leases (fcntl(2), F_SETLEASE): the kernel holds conflicting opens back, on this computer.</summary>
internal static class LinuxLease
{
    /// <summary>Takes a lease.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="type">A shared (read) or exclusive (write) lock type.</param>
    /// <returns>0, or the error number: EAGAIN when the file is open in a way that conflicts.</returns>
    internal static int Take(LinuxFileHandle file, short type)
    {
        // An open that conflicts sends the holder a signal, by default SIGIO, which ends a process that does not expect it.
        // SIGURG is ignored unless asked for. So it is chosen first.
        if (LinuxNative.FCntl(file, LinuxConstants.SetSignal, LinuxConstants.UrgentSignal) != 0)
            return LinuxNative.LastError;
        return LinuxNative.FCntl(file, LinuxConstants.SetLease, type) == 0 ? Errno.None : LinuxNative.LastError;
    }

    /// <summary>
    /// Whether EAGAIN tells that others have the file open. An NFSv4 client answers it, too, whenever the server has not delegated the
    /// file to it (nfs4_setlease in fs/nfs/nfs4proc.c), and then nobody need have it open.
    /// </summary>
    /// <param name="fileSystemType">As in mountinfo.</param>
    internal static bool RefusalTellsOfOpeners(string fileSystemType) => fileSystemType is not ("nfs" or "nfs4");

    /// <summary>Gives a lease back.</summary>
    internal static void GiveBack(LinuxFileHandle file) =>
        _ = LinuxNative.FCntl(file, LinuxConstants.SetLease, LinuxConstants.NoLock);
}
