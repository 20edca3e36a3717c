namespace ClusterHsm.FileSystem;

/// <summary>Constants of this layer.</summary>
public static class ShardDefaults
{
    /// <summary>Permission bits of a new file, before the umask: read and write for all, as <c>open(2)</c>'s callers use.</summary>
    public const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
}
