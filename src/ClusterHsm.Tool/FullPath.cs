namespace ClusterHsm.Tool;

/// <summary>Paths of a command line, made absolute.</summary>
internal static class FullPath
{
    /// <exception cref="HsmFileNotFoundException">It is relative, and the current folder is gone.</exception>
    public static string Of(string path) => OrNull(path)
        ?? throw new HsmFileNotFoundException(path, "it is relative to the current folder, which was removed", "Go to a folder that exists, or name the absolute path");

    /// <summary>The same for who cannot report it yet: null if the path is relative, and the current folder is gone.</summary>
    public static string? OrNull(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
