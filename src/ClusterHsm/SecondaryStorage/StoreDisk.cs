using ClusterHsm.FileSystem.MacOS;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>What a directory store needs of the operating system. Failures are <see cref="StoreDiskException"/>.</summary>
/// <remarks>Thread-safe, apart from what is done with one handle. Members may block for as long as the file system does.</remarks>
internal abstract class StoreDisk
{
    /// <summary>This machine's, chosen by the operating system.</summary>
    /// <exception cref="PlatformNotSupportedException">This is neither Linux nor Windows nor macOS.</exception>
    public static StoreDisk ForThisMachine() => OperatingSystem.IsLinux() ? new LinuxStoreDisk()
        : OperatingSystem.IsWindows() ? new WindowsStoreDisk()
        : OperatingSystem.IsMacOS() ? new MacStoreDisk(Darwin.Instance)
        : throw new PlatformNotSupportedException("ClusterHsm runs on Linux, Windows and macOS.");

    /// <summary>Makes a file that was not there, to write to it, readable for owner and group and writable for none.</summary>
    public abstract SafeFileHandle CreateFile(string path);

    /// <summary>Opens a file or a directory to read; null if there is none. No symbolic link is followed.</summary>
    public abstract SafeFileHandle? OpenFile(string path);

    /// <summary>Writes all of the buffer.</summary>
    public abstract ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken);

    /// <summary>Makes a file's data and size durable.</summary>
    public abstract void FlushFile(SafeFileHandle file, string path);

    /// <summary>Makes the names in a directory durable.</summary>
    public abstract void FlushDirectory(string path);

    /// <summary>Renames a file. One atomic step, and what has the new name already is never replaced.</summary>
    /// <returns>False if something has the new name already.</returns>
    public abstract bool TryRename(string from, string to);

    /// <summary>Gives a file a second name.</summary>
    public abstract LinkResult TryLink(string from, string to);

    /// <summary>Length and time of the last change of a regular file; null if there is none.</summary>
    public abstract StoreFileInfo? GetInfo(string path);

    /// <summary>Makes one directory, for owner and group.</summary>
    /// <returns>False if it was there.</returns>
    public abstract bool MakeDirectory(string path);

    /// <summary>Removes a file's name.</summary>
    /// <returns>False if there was none.</returns>
    public abstract bool Delete(string path);

    /// <summary>Makes one barrier for the whole file system of a directory possible.</summary>
    /// <returns>Null if this file system has none that can be trusted.</returns>
    public abstract StoreBarrier? OpenBarrier(string directory);
}

/// <summary>Makes everything durable that was written to a file system, and reports every write that failed since it was opened.</summary>
internal abstract class StoreBarrier : IDisposable
{
    /// <exception cref="StoreDiskException">Something written since the last flush is lost.</exception>
    public abstract void Flush();

    public abstract void Dispose();
}

/// <summary>What came of an attempt to link.</summary>
internal enum LinkResult
{
    Done,
    NameTaken,
    NoSuchFile,
    NotSupported,
}

/// <param name="Length">In bytes.</param>
/// <param name="Changed">By the file system's clock. It moves with every write, rename and link, and cannot be set back.</param>
internal readonly record struct StoreFileInfo(long Length, DateTimeOffset Changed);

/// <summary>A failed call.</summary>
internal sealed class StoreDiskException(string operation, string path, int error, string reason)
    : IOException($"Cannot {operation} '{path}': {reason}.", error)
{
    /// <summary>The platform's error number.</summary>
    public int Error { get; } = error;

    /// <summary>The same in words.</summary>
    public string Reason { get; } = reason;
}
