namespace ClusterHsm.FileSystem.Linux;

/// <summary>Finds out what the file system below a root can do, without writing to it.</summary>
internal static unsafe class CapabilityProbe
{
    /// <summary>The driver that works here.</summary>
    /// <param name="directory">The root, opened for reading.</param>
    /// <param name="wanted">A driver to use without asking, or null.</param>
    internal static RangeLocks ChooseLocks(LinuxFileHandle directory, LockDriver? wanted) => wanted switch
    {
        LockDriver.OpenFileDescription => OpenFileDescriptionLocks.Instance,
        LockDriver.ProcessOwned => ProcessOwnedLocks.Instance,
        not null => RangeLocks.Missing,
        _ when OpenFileDescriptionLocks.AreKnownTo(directory) => OpenFileDescriptionLocks.Instance,
        _ when ProcessOwnedLocks.Work(directory) => ProcessOwnedLocks.Instance,
        _ => RangeLocks.Missing,
    };

    /// <summary>What the file system can do.</summary>
    internal static ShardCapabilities Explore(LinuxFileHandle directory, StatxBuffer root, string path, LockDriver driver)
    {
        // Linux 5.8. No mount that a process sees has the number 0: qemu-user 7.2 passes the mask on and not the number.
        ulong? mountId = (root.Mask & LinuxConstants.StatMountId) != 0 && root.MountId != 0 ? root.MountId : null;
        MountEntry? mount = MountEntry.Find(mountId, path);
        IReadOnlySet<string> options = mount?.Options ?? new HashSet<string>();
        FileSystemTraits traits = FileSystemTraits.Of(mount?.Type ?? "", options);
        (LockReach reach, string? lockFault) = mount?.Type == "ocfs2" ? ClusterStack.FindReach() : (traits.Reach, traits.LockFault);
        return new ShardCapabilities
        {
            FileSystemType = mount?.Type ?? "unknown",
            IsReadOnly = options.Contains("ro"),
            LockDriver = driver,
            LockReach = reach,
            LockFault = lockFault,
            QueriesSeeEveryNode = traits.QueriesSeeEveryNode,
            FlockConflictsWithRanges = traits.FlockConflictsWithRanges,
            CanStoreRecords = CanStoreRecords(directory),
            CanPunchHoles = traits.CanPunchHoles,
            AllocationIsTruthful = traits.AllocationIsTruthful,
            // Before Linux 5.8 syncfs(2) does not tell of writes that failed.
            HasBarrier = traits.HasBarrier && Environment.OSVersion.Version >= new Version(5, 8),
            ListsAttributes = traits.ListsAttributes,
            CacheFault = mount is null ? null
                : mount.Type == "fuse.glusterfs" ? GlusterClient.FindFault(mount.FindWhole() ?? mount.MountPoint)
                : CephClient.Is(mount.Type) ? CephClient.NotAsked : null,
            RecordFault = traits.RecordFault,
            TimestampGranularity = traits.TimestampGranularity,
        };
    }

    /// <summary>Asks the root for an attribute that it does not have: what cannot keep any says EOPNOTSUPP and not ENODATA.</summary>
    private static bool CanStoreRecords(LinuxFileHandle directory)
    {
        byte value;
        fixed (byte* name = "user.clusterhsm.probe\0"u8)
        {
            return LinuxNative.FGetXAttr(directory, name, &value, 1) >= 0
                || LinuxNative.LastError is Errno.NoData or Errno.Range;
        }
    }
}
