using System.Runtime.InteropServices;
using System.Text;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>Finds out what the file system below a root can do, without writing to it.</summary>
internal static unsafe class DarwinFileSystem
{
    /// <summary>Blocks of APFS, and the least of what a hole is made of where the file system names no size.</summary>
    private const long UsualBlock = 4096;

    private const long LargestBlock = 1 << 20;

    /// <summary>APFS keeps nanoseconds; how finely it stamps is not written down, so the scheduler's tick of 10 ms is taken.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private const string Untried = "it has not been shown that an open without a lock sees the records that other nodes wrote";

    /// <summary>What the file system can do, and its block size.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Explore(IDarwin darwin, SafeHandle root, out ShardCapabilities? capabilities, out long block)
    {
        DarwinStatFs facts;
        int answer = darwin.StatFs(root, &facts);
        (capabilities, block) = (null, 0);
        if (answer < 0)
            return -answer;
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(facts.TypeName);
        capabilities = Of(Encoding.UTF8.GetString(name), facts.Flags, CanStoreRecords(darwin, root));
        block = BlockOf(facts.BlockSize);
        return DarwinErrno.None;
    }

    /// <summary>What is known of a file system by its name (f_fstypename) and the flags of its mount.</summary>
    internal static ShardCapabilities Of(string type, uint flags, bool canStoreRecords)
    {
        // One computer, so that the kernel's own lock table is all there is. nfs, smbfs, afpfs, webdav are a server's, and macFUSE and FSKit
        // can be anything: not tried.
        bool isLocal = (flags & DarwinConstants.MountLocal) != 0 && type is ("apfs" or "hfs");
        return new ShardCapabilities
        {
            FileSystemType = type,
            IsReadOnly = (flags & DarwinConstants.MountReadOnly) != 0,
            LockDriver = LockDriver.OpenFileDescription, // where a file system has none, each request says so (R9)
            LockReach = isLocal ? LockReach.Shared : LockReach.Unknown,
            // bsd/kern/kern_lockf.c keeps both in one list, and lf_getblock does not tell one from the other.
            FlockConflictsWithRanges = true,
            // Where a file system keeps no attributes of its own, macOS keeps them in a file "._name" beside (bsd/vfs/vfs_xattr.c), which
            // goes its own ways; no program may turn that off (XATTR_NODEFAULT is refused). So only those two that are known are believed.
            CanStoreRecords = canStoreRecords && type is ("apfs" or "hfs"),
            CanPunchHoles = type != "hfs", // it has no sparse files; elsewhere the first attempt tells
            AllocationIsTruthful = isLocal,
            // F_FULLFSYNC empties the whole disk's queue, but what it covers must have been handed to the disk before, file by file.
            HasBarrier = false,
            RecordFault = isLocal ? null : Untried,
            TimestampGranularity = type == "apfs" ? Tick : Second, // HFS Plus: TN1150, "HFS Plus Dates"
        };
    }

    /// <summary>Block sizes are powers of two; what is none is not taken for one.</summary>
    internal static long BlockOf(uint told) => told is >= 512 and <= (uint)LargestBlock && (told & (told - 1)) == 0 ? told : UsualBlock;

    /// <summary>Asks the root for an attribute that it does not have: what cannot keep any says ENOTSUP and not ENOATTR.</summary>
    private static bool CanStoreRecords(IDarwin darwin, SafeHandle root)
    {
        fixed (byte* name = "clusterhsm.probe\0"u8)
            return darwin.GetAttribute(root, name, null, 0) is >= 0 or -DarwinErrno.NoAttribute or -DarwinErrno.Range;
    }
}
