using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>Finds out what the volume of a root can do, without writing to it.</summary>
internal static unsafe class VolumeProbe
{
    private const int MaxName = 261; // MAX_PATH + 1

    /// <summary>Local volumes keep 100 ns but stamp with the system's tick, which is 15.6 ms at the coarsest.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(16);

    /// <summary>FAT keeps times of modification in two seconds (MSDN, File Times).</summary>
    private static readonly TimeSpan FatTime = TimeSpan.FromSeconds(2);

    private const string Untried = "it has not been shown that an open without a lock sees the records that other nodes wrote";

    /// <summary>What the volume can do, and its serial number.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Explore(SafeFileHandle root, VolumeFeatures features, out ulong serial, out ShardCapabilities? capabilities)
    {
        serial = 0;
        capabilities = null;
        FileIdInfo id;
        if (!WindowsNative.GetFileInformationByHandleEx(root, WindowsConstants.IdInfo, &id, (uint)sizeof(FileIdInfo)))
            return WindowsNative.LastError;
        serial = id.Volume;
        char* type = stackalloc char[MaxName];
        uint flags;
        if (!WindowsNative.GetVolumeInformation(root, null, 0, null, null, &flags, type, MaxName))
            return WindowsNative.LastError;
        capabilities = Of(new string(type), flags, IsRemote(root), features);
        return Win32Error.None;
    }

    /// <summary>What is known of a volume by its name and flags.</summary>
    internal static ShardCapabilities Of(string type, uint flags, bool isRemote, VolumeFeatures features)
    {
        // One computer, so that the kernel's own lock table is all there is. CSVFS is a cluster's, and SMB a server's: not yet tried.
        bool isLocal = !isRemote && type is "NTFS" or "ReFS" or "FAT" or "FAT32" or "exFAT";
        return new ShardCapabilities
        {
            FileSystemType = isRemote ? $"SMB ({type})" : type,
            IsReadOnly = (flags & WindowsConstants.ReadOnlyVolume) != 0,
            LockDriver = LockDriver.LockFileEx,
            LockReach = isLocal ? LockReach.Shared : LockReach.Unknown,
            QueriesSeeEveryNode = isLocal, // there is no asking on Windows: it is locking and unlocking at once
            FlockConflictsWithRanges = false,
            CanStoreRecords = features.HasStreams(flags),
            CanPunchHoles = features.HasHoles(flags),
            AllocationIsTruthful = features.TellsAllocation(type),
            HasBarrier = false,
            RecordFault = isLocal ? null : Untried,
            TimestampGranularity = type.Contains("FAT", StringComparison.Ordinal) ? FatTime : Tick,
            KeepsPermissionBits = false,
        };
    }

    private static bool IsRemote(SafeFileHandle root)
    {
        FileFsDeviceInformation device;
        IoStatusBlock status;
        return WindowsNative.NtQueryVolumeInformationFile(root, &status, &device, (uint)sizeof(FileFsDeviceInformation), WindowsConstants.DeviceInformation) < 0
            || (device.Characteristics & WindowsConstants.RemoteDevice) != 0;
    }
}
