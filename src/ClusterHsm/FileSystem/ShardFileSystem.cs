using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.FileSystem.Windows;

namespace ClusterHsm.FileSystem;

/// <summary>The door to the platforms: the one place that chooses a shard's file system by the operating system.</summary>
public static class ShardFileSystem
{
    /// <summary>Opens a directory as a shard. Nothing is written, and it need not have been initialised.</summary>
    /// <param name="root">The directory.</param>
    /// <exception cref="ShardIOException">There is no such directory, or it cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">This is neither Linux nor Windows nor macOS.</exception>
    public static IShardFileSystem Open(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (OperatingSystem.IsLinux())
            return LinuxShardFileSystem.Open(System.IO.Path.GetFullPath(root));
        if (OperatingSystem.IsWindows())
            return WindowsShardFileSystem.Open(System.IO.Path.GetFullPath(root));
        if (OperatingSystem.IsMacOS())
            return MacShardFileSystem.Open(System.IO.Path.GetFullPath(root));
        throw new PlatformNotSupportedException("ClusterHsm runs on Linux, Windows and macOS.");
    }
}
