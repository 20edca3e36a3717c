namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// The cluster stack of this computer's OCFS2, which decides how far fcntl locks are seen
/// (Documentation/ABI/testing/sysfs-ocfs2: <c>/sys/fs/ocfs2/cluster_stack</c>).
/// </summary>
internal static class ClusterStack
{
    private const string FilePath = "/sys/fs/ocfs2/cluster_stack";

    /// <summary>How far byte-range locks are seen on OCFS2, and why no further.</summary>
    internal static (LockReach Reach, string Fault) FindReach()
    {
        try
        {
            return FindReach(File.ReadAllText(FilePath).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FindReach(null);
        }
    }

    /// <summary>The same from what the kernel says.</summary>
    /// <param name="stack">Its name, or null if it could not be read.</param>
    /// <remarks>
    /// <c>o2cb</c> is the kernel's own, whose operations have no <c>plock</c> (fs/ocfs2/stack_o2cb.c): fcntl locks are those of one
    /// computer. That both computers are granted the same exclusive lock was measured on two of them. Others (<c>pcmk</c>, <c>cman</c>)
    /// hand them to dlm, and have not been tried.
    /// </remarks>
    internal static (LockReach Reach, string Fault) FindReach(string? stack) => stack switch
    {
        "o2cb" => (LockReach.NodeLocal, "its cluster stack is o2cb, which keeps byte-range locks on one computer"),
        null or "" => (LockReach.NodeLocal, $"its cluster stack cannot be read from {FilePath}, and o2cb, the usual one, keeps byte-range locks on one computer"),
        _ => (LockReach.Unknown, $"its cluster stack is {stack}, with which byte-range locks have not been tried"),
    };
}
