namespace ClusterHsm.StorageTool;

/// <summary>The rule: as few files as possible.</summary>
internal static class LargestFirst
{
    /// <param name="files">All files of the shard.</param>
    /// <param name="wanted">Bytes to free.</param>
    public static IReadOnlyList<FileStatus> Choose(IEnumerable<FileStatus> files, long wanted)
    {
        List<FileStatus> chosen = [];
        long freed = 0;
        // Stubs, pinned files and those with a record that cannot be believed would be passed over; they must not count.
        foreach (FileStatus file in files
            .Where(static file => !file.IsStub && !file.IsPinned && file.Problem is null && file.AllocatedBytes > 0)
            .OrderByDescending(static file => file.AllocatedBytes).ThenBy(static file => file.Path, StringComparer.Ordinal))
        {
            if (freed >= wanted)
                break;
            chosen.Add(file);
            freed += file.AllocatedBytes;
        }
        return chosen;
    }
}
