namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// Whether a CephFS client in user space (ceph-fuse) has the kernel keep data in its page cache, which it does not drop when another
/// client writes or a lock is taken. The table of mounts does not say it; an open file does.
/// </summary>
internal static class CephClient
{
    private const string Remedy = "mount with fuse_disable_pagecache = true (below [client] in ceph.conf, or ceph-fuse --fuse_disable_pagecache=true)";

    /// <summary>Until a file has been opened.</summary>
    internal const string NotAsked = "whether its client keeps data in the kernel's page cache is seen at a file, and none has been opened yet; " + Remedy;

    /// <summary>Whether a file system is to be asked. The kernel's own client ("ceph") is another program.</summary>
    internal static bool Is(string type) => type is "fuse.ceph-fuse" or "fuse.ceph";

    /// <summary>Asks a file that is open for reading.</summary>
    /// <returns>Why its nodes can miss what another client has written, and what helps; null if they cannot.</returns>
    internal static unsafe string? FindFault(LinuxFileHandle file)
    {
        // The kernel refuses to share a mapping of a file that it was told not to cache (fuse_file_mmap in fs/fuse/file.c).
        void* mapped = LinuxNative.MMap(null, 1, LinuxConstants.MapReadable, LinuxConstants.MapShared, file, 0);
        if ((nint)mapped == LinuxConstants.MapFailed)
            return FindFault(LinuxNative.LastError);
        LinuxNative.MUnmap(mapped, 1);
        return FindFault(Errno.None);
    }

    /// <summary>The same from the kernel's answer.</summary>
    internal static string? FindFault(int errno) => errno switch
    {
        Errno.NoDevice => null,
        Errno.None => "its client has the kernel keep data in the page cache and does not drop it when another client writes; " + Remedy,
        _ => $"whether its client has the kernel keep data in the page cache cannot be told (errno {errno}); {Remedy}",
    };
}
