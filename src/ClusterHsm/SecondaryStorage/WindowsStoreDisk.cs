using ClusterHsm.FileSystem.Windows;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>A store's disk on Windows. Objects and folders get the access control lists that their folder hands down.</summary>
/// <remarks>Files are shared with all, for reading, writing and deleting, so that nothing that runs beside is in the way.</remarks>
internal sealed unsafe class WindowsStoreDisk : StoreDisk
{
    public override SafeFileHandle CreateFile(string path) =>
        Open(path, WindowsConstants.ReadData | WindowsConstants.WriteData | WindowsConstants.ReadAttributes, WindowsConstants.Win32CreateNew, 0) is { IsInvalid: false } made
            ? made
            : throw Failure("make", path, WindowsNative.LastError);

    public override SafeFileHandle? OpenFile(string path)
    {
        const uint access = WindowsConstants.ReadData | WindowsConstants.ReadAttributes;
        SafeFileHandle file = Open(path, access, WindowsConstants.Win32OpenExisting, WindowsConstants.FlagOpenReparsePoint);
        if (file.IsInvalid)
            return WindowsNative.LastError is int error && IsNothing(error) ? null : throw Failure("open", path, error);
        (uint attributes, bool isLink) = Look(file, path);
        if (isLink)
        {
            file.Dispose();
            throw new StoreDiskException("open", path, 0, "it is a link");
        }
        if ((attributes & WindowsConstants.ReparsePoint) == 0)
            return file;
        // A filter keeps it in its own way, and must be asked for its data.
        file.Dispose();
        file = Open(path, access, WindowsConstants.Win32OpenExisting, 0);
        return file.IsInvalid ? throw Failure("open", path, WindowsNative.LastError) : file;
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(file, buffer, offset, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>FlushFileBuffers wants a handle that can write.</remarks>
    public override void FlushFile(SafeFileHandle file, string path)
    {
        if (WindowsNative.FlushFileBuffers(file))
            return;
        int error = WindowsNative.LastError;
        if (error != Win32Error.AccessDenied)
            throw Failure("make durable", path, error);
        using SafeFileHandle writable = Open(path, WindowsConstants.WriteData, WindowsConstants.Win32OpenExisting, 0);
        if (writable.IsInvalid || !WindowsNative.FlushFileBuffers(writable))
            throw Failure("make durable", path, WindowsNative.LastError);
    }

    /// <inheritdoc/>
    /// <remarks>Where a directory cannot be flushed, its names are as durable as MOVEFILE_WRITE_THROUGH and the file system's log make them.</remarks>
    public override void FlushDirectory(string path)
    {
        using SafeFileHandle directory = Open(path, WindowsConstants.AddFile, WindowsConstants.Win32OpenExisting, 0);
        if (!directory.IsInvalid && WindowsNative.FlushFileBuffers(directory))
            return;
        int error = WindowsNative.LastError;
        if (error is not (Win32Error.AccessDenied or Win32Error.InvalidHandle) && !Win32Error.IsUnknownCall(error))
            throw Failure("make durable", path, error);
    }

    public override bool TryRename(string from, string to)
    {
        if (WindowsNative.MoveFile(WindowsName.WithoutLengthLimit(from), WindowsName.WithoutLengthLimit(to), WindowsConstants.MoveWriteThrough))
            return true;
        int error = WindowsNative.LastError;
        return error is Win32Error.AlreadyExists or Win32Error.FileExists ? false : throw Failure("rename to", to, error);
    }

    public override LinkResult TryLink(string from, string to)
    {
        if (WindowsNative.CreateHardLink(WindowsName.WithoutLengthLimit(to), WindowsName.WithoutLengthLimit(from), 0))
            return LinkResult.Done;
        int error = WindowsNative.LastError;
        return error switch
        {
            Win32Error.AlreadyExists or Win32Error.FileExists => LinkResult.NameTaken,
            _ when IsNothing(error) => LinkResult.NoSuchFile,
            Win32Error.TooManyLinks or Win32Error.NotSameDevice => LinkResult.NotSupported,
            _ when Win32Error.IsUnknownCall(error) => LinkResult.NotSupported,
            _ => throw Failure("link to", to, error),
        };
    }

    public override StoreFileInfo? GetInfo(string path)
    {
        using SafeFileHandle file = Open(path, WindowsConstants.ReadAttributes, WindowsConstants.Win32OpenExisting,
            WindowsConstants.FlagOpenReparsePoint | WindowsConstants.FlagOpenNoRecall);
        if (file.IsInvalid)
            return WindowsNative.LastError is int error && IsNothing(error) ? null : throw Failure("look at", path, error);
        (uint attributes, bool isLink) = Look(file, path);
        if (isLink || (attributes & WindowsConstants.Directory) != 0)
            throw new StoreDiskException("use", path, 0, "it is not a regular file");
        FileBasicInfo basic;
        FileStandardInfo standard;
        if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.BasicInfo, &basic, (uint)sizeof(FileBasicInfo))
            || !WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.StandardInfo, &standard, (uint)sizeof(FileStandardInfo)))
            throw Failure("look at", path, WindowsNative.LastError);
        return new StoreFileInfo(standard.EndOfFile, WindowsTime.ToShardTimestamp(basic.Changed).ToDateTimeOffset());
    }

    public override bool MakeDirectory(string path)
    {
        if (WindowsNative.CreateDirectory(WindowsName.WithoutLengthLimit(path), 0))
            return true;
        int error = WindowsNative.LastError;
        return error is Win32Error.AlreadyExists or Win32Error.FileExists ? false : throw Failure("make", path, error);
    }

    public override bool Delete(string path)
    {
        using SafeFileHandle file = Open(path, WindowsConstants.DeleteAccess, WindowsConstants.Win32OpenExisting,
            WindowsConstants.FlagOpenReparsePoint | WindowsConstants.FlagOpenNoRecall);
        int error = file.IsInvalid ? WindowsNative.LastError : NameChanges.Delete(file);
        return error == Win32Error.None || (IsNothing(error) ? false : throw Failure("delete", path, error));
    }

    public override StoreBarrier? OpenBarrier(string directory) => null;

    /// <summary>The number by which the layers above know an error.</summary>
    internal static int ErrnoOf(int error) => error switch
    {
        _ when IsNothing(error) => StoreErrno.NoEntry,
        Win32Error.AccessDenied or Win32Error.SharingViolation => StoreErrno.AccessDenied,
        Win32Error.AlreadyExists or Win32Error.FileExists => StoreErrno.Exists,
        Win32Error.NotSameDevice => StoreErrno.OtherDevice,
        Win32Error.FileTooLarge => StoreErrno.TooBig,
        Win32Error.DiskFull or Win32Error.HandleDiskFull => StoreErrno.NoSpace,
        Win32Error.QuotaExceeded => StoreErrno.QuotaExceeded,
        Win32Error.WriteProtected => StoreErrno.ReadOnly,
        Win32Error.TooManyLinks => StoreErrno.TooManyLinks,
        Win32Error.NotSupported => StoreErrno.NotSupported,
        _ => error + FirstOfWindows,
    };

    /// <summary>Above all numbers of errno(3), so that none is taken for another.</summary>
    private const int FirstOfWindows = 1_000_000;

    private static bool IsNothing(int error) =>
        error is Win32Error.FileNotFound or Win32Error.PathNotFound or Win32Error.DeletePending or Win32Error.InvalidName;

    private static SafeFileHandle Open(string path, uint access, uint disposition, uint flags) =>
        WindowsNative.CreateFile(WindowsName.WithoutLengthLimit(path), access | WindowsConstants.Synchronize, WindowsConstants.ShareAll, 0,
            disposition, flags | WindowsConstants.BackupSemantics, 0);

    private static (uint Attributes, bool IsLink) Look(SafeFileHandle file, string path)
    {
        FileAttributeTagInfo tag;
        if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.AttributeTagInfo, &tag, (uint)sizeof(FileAttributeTagInfo)))
            throw Failure("look at", path, WindowsNative.LastError);
        return (tag.Attributes, ReparsePoint.IsLink(tag.Attributes, tag.ReparseTag));
    }

    private static StoreDiskException Failure(string operation, string path, int error) =>
        new(operation, path, ErrnoOf(error), $"Windows answers error {error}, {new System.ComponentModel.Win32Exception(error).Message.TrimEnd('.')}");
}
