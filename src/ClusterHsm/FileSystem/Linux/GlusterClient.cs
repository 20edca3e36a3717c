using System.Text;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// What a GlusterFS client caches, as it tells it itself in the hidden folder <c>.meta</c> of every mount (the meta translator). The
/// table of mounts does not say it.
/// </summary>
internal static class GlusterClient
{
    private const string TurnOff = "for X in quick-read stat-prefetch io-cache read-ahead; do gluster volume set VOLUME performance.$X off; done";

    private const string Remedy = "mount with direct-io-mode=enable and turn the client's caches off (" + TurnOff + ")";

    /// <summary>
    /// Performance translators with which every trial between two clients held. quick-read, io-cache and read-ahead serve old data under
    /// a lock, md-cache old sizes and times; others have not been tried.
    /// </summary>
    private static readonly string[] Harmless = ["write-behind", "open-behind", "io-threads", "readdir-ahead"];

    /// <summary>Asks the client of a mount.</summary>
    /// <param name="mountPoint">Where it is mounted.</param>
    /// <returns>Why its nodes can miss what another client has written, and what helps; null if they cannot.</returns>
    internal static string? FindFault(string mountPoint)
    {
        try
        {
            string meta = Path.Combine(mountPoint, ".meta");
            return FindFault(
                File.ReadLines(Path.Combine(meta, "root", "private"), Encoding.Latin1),
                File.ReadLines(Path.Combine(meta, "graphs", "active", "volfile"), Encoding.Latin1));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"what its client caches cannot be read from {Path.Combine(mountPoint, ".meta")}; if only a part of the mount is to be seen here, or the client hides it, {Remedy}";
        }
    }

    /// <summary>The same from what <c>.meta</c> holds.</summary>
    /// <param name="mount">Of the translator that mounts.</param>
    /// <param name="volume">The client's graph of translators.</param>
    internal static string? FindFault(IEnumerable<string> mount, IEnumerable<string> volume)
    {
        List<string> caches = [];
        // 1 is "enable". With "auto", the default, the client uses the kernel's page cache.
        if (!mount.Any(static line => line.Split('=', 2, StringSplitOptions.TrimEntries) is ["direct_io_mode", "1"]))
            caches.Add("the kernel's page cache");
        const string performance = "performance/";
        foreach (string line in volume)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["type", { } type] && type.StartsWith(performance, StringComparison.Ordinal)
                && !Harmless.Contains(type[performance.Length..]))
                caches.Add(type);
        }
        return caches.Count == 0 ? null : $"its client caches data or attributes and does not drop them when a lock is taken ({string.Join(", ", caches)}); {Remedy}";
    }
}
