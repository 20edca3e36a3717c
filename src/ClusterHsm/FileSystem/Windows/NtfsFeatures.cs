using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>What NTFS and ReFS do.</summary>
internal sealed unsafe class NtfsFeatures : VolumeFeatures
{
    internal static readonly NtfsFeatures Instance = new();

    internal override bool HasStreams(uint volumeFlags) => (volumeFlags & WindowsConstants.NamedStreams) != 0;

    internal override bool HasHoles(uint volumeFlags) => (volumeFlags & WindowsConstants.SupportsSparseFiles) != 0;

    internal override bool TellsAllocation(string volumeType) => volumeType is "NTFS" or "ReFS";

    internal override int MakeSparse(SafeFileHandle file)
    {
        uint returned;
        return ResultOf(WindowsNative.DeviceIoControl(file, WindowsConstants.SetSparse, null, 0, null, 0, &returned, null));
    }

    internal override int Zero(SafeFileHandle file, long start, long end)
    {
        FileSpan range = new() { First = start, Second = end };
        uint returned;
        return ResultOf(WindowsNative.DeviceIoControl(file, WindowsConstants.SetZeroData, &range, (uint)sizeof(FileSpan), null, 0, &returned, null));
    }

    internal override int FindData(SafeFileHandle file, long from, long to, out long start, out long end)
    {
        FileSpan question = new() { First = from, Second = to - from }, first;
        uint returned;
        start = end = from;
        // ERROR_MORE_DATA: there are more ranges, and the first is what was asked for.
        if (!WindowsNative.DeviceIoControl(file, WindowsConstants.QueryAllocatedRanges, &question, (uint)sizeof(FileSpan), &first, (uint)sizeof(FileSpan), &returned, null)
            && WindowsNative.LastError is int error && error != Win32Error.MoreData)
            return error;
        if (returned < sizeof(FileSpan))
            return Win32Error.None;
        start = Math.Max(from, first.First);
        end = Math.Min(to, first.First + first.Second);
        return Win32Error.None;
    }

    internal override int ReadStream(SafeFileHandle file, string name, Span<byte> destination, out long length)
    {
        length = 0;
        int error = OpenStream(file, name, WindowsConstants.ReadData | WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, out SafeFileHandle stream);
        if (error != Win32Error.None)
            return error;
        using (stream)
        {
            FileStandardInfo facts;
            if (!WindowsNative.GetFileInformationByHandleEx(stream, WindowsConstants.StandardInfo, &facts, (uint)sizeof(FileStandardInfo)))
                return WindowsNative.LastError;
            length = facts.EndOfFile;
            error = PositionalAccess.Read(stream, destination[..(int)Math.Min(length, destination.Length)], 0, out int read);
            if (length <= destination.Length)
                length = read;
            return error;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The times of a file are those of all its streams ([MS-FSA] 2.1.5.4). A time of -1 says that this handle is not to move it
    /// (FILE_BASIC_INFORMATION). The longer content is there before the shorter is cut, so that a crash between leaves no empty record.
    /// </remarks>
    internal override int WriteStream(SafeFileHandle file, string name, ReadOnlySpan<byte> value)
    {
        int error = OpenStream(file, name, WindowsConstants.WriteData | WindowsConstants.ReadAttributes | WindowsConstants.WriteAttributes,
            WindowsConstants.OpenOrCreate, out SafeFileHandle stream);
        if (error != Win32Error.None)
            return error;
        using (stream)
        {
            FileBasicInfo times = new() { Accessed = -1, Written = -1 };
            long length = value.Length;
            if (!WindowsNative.SetFileInformationByHandle(stream, WindowsConstants.BasicInfo, &times, (uint)sizeof(FileBasicInfo)))
                return WindowsNative.LastError;
            error = PositionalAccess.Write(stream, value, 0);
            if (error != Win32Error.None)
                return error;
            return ResultOf(WindowsNative.SetFileInformationByHandle(stream, WindowsConstants.EndOfFileInfo, &length, sizeof(long))
                && WindowsNative.FlushFileBuffers(stream));
        }
    }

    internal override int RemoveStream(SafeFileHandle file, string name)
    {
        int error = OpenStream(file, name, WindowsConstants.DeleteAccess, WindowsConstants.OpenThere, out SafeFileHandle stream);
        using (stream)
            return error == Win32Error.None ? NameChanges.Delete(stream) : error;
    }

    internal override uint AttributesOf(SafeFileHandle file, uint told) => told;

    internal override uint ListedAttributesOf(ulong fileId, uint told) => told;

    internal override void Opens(string path, uint access, uint options)
    {
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The two RECALL attributes are not set: they are not in SetFileAttributesW's list, RECALL_ON_DATA_ACCESS can be set by "only kernel-mode
    /// callers", and RECALL_ON_OPEN is nothing that a file has, but what a filter shows in a listing (MSDN, File Attribute Constants).
    /// Whoever sets them has to answer for them, with a filter that fetches the data.
    /// </remarks>
    internal override int SetOffline(SafeFileHandle file, bool isOffline)
    {
        FileBasicInfo facts;
        if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.BasicInfo, &facts, (uint)sizeof(FileBasicInfo)))
            return WindowsNative.LastError;
        uint wanted = isOffline ? facts.Attributes | WindowsConstants.Offline : facts.Attributes & ~WindowsConstants.Offline;
        if (wanted == facts.Attributes)
            return Win32Error.None;
        wanted &= WindowsConstants.Settable;
        FileBasicInfo change = new() { Attributes = wanted == 0 ? WindowsConstants.Normal : wanted }; // 0 would mean: as they are
        return ResultOf(WindowsNative.SetFileInformationByHandle(file, WindowsConstants.BasicInfo, &change, (uint)sizeof(FileBasicInfo)));
    }

    private static int OpenStream(SafeFileHandle file, string name, uint access, uint disposition, out SafeFileHandle stream) =>
        RelativeOpen.Open(file, ":" + name, access, disposition, WindowsConstants.NonDirectoryFile | WindowsConstants.OpenNoRecall, out stream);

    private static int ResultOf(bool isDone) => isDone ? Win32Error.None : WindowsNative.LastError;
}
