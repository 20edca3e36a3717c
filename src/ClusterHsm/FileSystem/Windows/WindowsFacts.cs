using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>What an open file, directory or link says of itself.</summary>
internal static unsafe class WindowsFacts
{
    private const UnixFileMode AnyRead = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Facts, asked anew.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Ask(SafeFileHandle file, ulong volume, VolumeFeatures features, out ShardFileInfo info)
    {
        info = default;
        FileBasicInfo basic;
        FileStandardInfo standard;
        if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.BasicInfo, &basic, (uint)sizeof(FileBasicInfo))
            || !WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.StandardInfo, &standard, (uint)sizeof(FileStandardInfo)))
            return WindowsNative.LastError;
        int error = AskIdentity(file, volume, out FileIdentity identity);
        if (error != Win32Error.None)
            return error;
        uint attributes = features.AttributesOf(file, basic.Attributes);
        info = new ShardFileInfo
        {
            Identity = identity,
            Type = TypeOf(file, attributes),
            Size = standard.EndOfFile,
            AllocatedBytes = standard.AllocationSize,
            Accessed = WindowsTime.ToShardTimestamp(basic.Accessed),
            Modified = WindowsTime.ToShardTimestamp(basic.Written),
            Changed = WindowsTime.ToShardTimestamp(basic.Changed),
            Mode = (attributes & WindowsConstants.ReadOnly) != 0 && standard.IsDirectory == 0 ? AnyRead : AnyRead | AnyWrite,
            UserId = 0,
            GroupId = 0,
            LinkCount = standard.IsDeletePending != 0 && standard.LinkCount == 1 ? 0 : standard.LinkCount,
            IsOffline = (attributes & WindowsConstants.Elsewhere) != 0,
        };
        return Win32Error.None;
    }

    /// <summary>Which file it is.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int AskIdentity(SafeFileHandle file, ulong volume, out FileIdentity identity)
    {
        identity = default;
        FileIdInfo id;
        if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.IdInfo, &id, (uint)sizeof(FileIdInfo)))
            return WindowsNative.LastError;
        identity = IdentityOf(id, volume);
        return identity.Inode == 0 ? Win32Error.NotSupported : Win32Error.None;
    }

    /// <summary>NTFS has 64-bit ids, in the lower half; ReFS uses all 128 bits (FILE_ID_INFO), which do not fit a cache of 64-bit keys.</summary>
    internal static FileIdentity IdentityOf(in FileIdInfo id, ulong volume) =>
        id.High == 0
            ? new FileIdentity(id.Low, id.Volume == volume)
            : new FileIdentity(Fold(id.Low, id.High), id.Volume == volume) { IsFolded = true };

    /// <summary>Not 0, and the same on every node.</summary>
    private static ulong Fold(ulong low, ulong high)
    {
        // Two rounds of SplitMix64's finalizer (Steele, Lea, Flood 2014), so that neighbours do not meet.
        ulong x = Mix(high) ^ low;
        x = Mix(x);
        return x == 0 ? 1 : x;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private static ShardEntryType TypeOf(SafeFileHandle file, uint attributes)
    {
        FileAttributeTagInfo tag;
        if ((attributes & WindowsConstants.ReparsePoint) != 0
            && WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.AttributeTagInfo, &tag, (uint)sizeof(FileAttributeTagInfo)))
            return TypeOf(attributes, tag.ReparseTag);
        return TypeOf(attributes, 0);
    }

    /// <summary>Whether it was opened as a reparse point that is no link.</summary>
    internal static bool IsKeptByAFilter(SafeFileHandle file)
    {
        FileAttributeTagInfo tag;
        return WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.AttributeTagInfo, &tag, (uint)sizeof(FileAttributeTagInfo))
            && (tag.Attributes & WindowsConstants.ReparsePoint) != 0 && !ReparsePoint.IsLink(tag.Attributes, tag.ReparseTag);
    }

    /// <summary>A junction or a mounted volume counts as a symbolic link; what a filter stores in its own way is a file.</summary>
    internal static ShardEntryType TypeOf(uint attributes, uint tag) =>
        ReparsePoint.IsLink(attributes, tag) ? ShardEntryType.SymbolicLink
        : (attributes & WindowsConstants.Directory) != 0 ? ShardEntryType.Directory
        : ShardEntryType.File;
}
