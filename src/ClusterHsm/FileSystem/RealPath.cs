namespace ClusterHsm.FileSystem;

/// <summary>Paths on this computer with every symbolic link followed, so that two of them can be compared by their text.</summary>
internal static class RealPath
{
    /// <summary>As many links as Linux follows in one path (path_resolution(7)).</summary>
    private const int MaxLinks = 40;

    /// <summary>The absolute path without links. What does not exist, or may not be looked at, stays as it is written.</summary>
    public static string Of(string path)
    {
        int links = 0;
        return Follow(Path.GetFullPath(path), ref links);
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies in it, by whatever names.</summary>
    public static bool IsAtOrBelow(string folder, string path) =>
        (Path.TrimEndingDirectorySeparator(Of(path)) + Path.DirectorySeparatorChar).StartsWith(
            Path.TrimEndingDirectorySeparator(Of(folder)) + Path.DirectorySeparatorChar, ShardPath.NameComparison);

    private static string Follow(string path, ref int links)
    {
        string followed = Path.GetPathRoot(path)!;
        foreach (string name in path[followed.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            followed = Path.Combine(followed, name);
            if (links < MaxLinks && TargetOf(followed) is { } target)
            {
                links++;
                followed = Follow(target, ref links);
            }
        }
        return followed;
    }

    /// <summary>The absolute path that a link names, or null if there is no link.</summary>
    private static string? TargetOf(string path)
    {
        try
        {
            return Directory.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
