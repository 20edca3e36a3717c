using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>
/// The rights that a program gives to those who run it: set-ID bits and capabilities. The kernel takes them away when the file's data is
/// written or punched (inode(7), capabilities(7)), the bits from all but the privileged, and only the privileged can give capabilities
/// back. So a recall by an ordinary user would leave a program without its rights: such a file is no candidate for a release.
/// </summary>
internal static class ProgramRights
{
    private const string CapabilityAttribute = "security.capability";

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static bool Has(IShardFile file, in ShardFileInfo info) =>
        info.Mode.HasFlag(UnixFileMode.SetUser)
        || info.Mode.HasFlag(UnixFileMode.SetGroup | UnixFileMode.GroupExecute)
        || ((info.Mode & AnyExecute) != 0 && HasCapabilities(file));

    private static bool HasCapabilities(IShardFile file)
    {
        try
        {
            return file.ReadAttribute(CapabilityAttribute, stackalloc byte[64]) >= 0;
        }
        catch (ShardIOException e) when (e.Error is ShardError.NotSupported or ShardError.AccessDenied)
        {
            return false;
        }
        catch (ShardIOException e) when (e.Error == ShardError.TooLarge)
        {
            return true;
        }
    }
}
