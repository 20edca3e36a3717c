namespace ClusterHsm.FileSystem.Linux;

internal sealed class LinuxShardFileSystem
{
    public static IShardFileSystem Open(string root) => throw new PlatformNotSupportedException(root);
}
