namespace ClusterHsm.Tests;

/// <summary>The tree of sources that these tests were built in.</summary>
/// <remarks>Found from where the tests run: what the compiler knows of paths is <c>/_/…</c> in a reproducible build.</remarks>
internal static class SourceTree
{
    /// <summary>Null if the tests have been carried out of the tree.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>What these tests were built as: <c>Release</c> or <c>Debug</c>.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The full path of a file or folder of the tree.</summary>
    /// <exception cref="FileNotFoundException">The tests run outside it.</exception>
    public static string PathOf(string path) =>
        Root is null ? throw new FileNotFoundException($"{path} is not above {AppContext.BaseDirectory}: run the tests inside the source tree.") : Path.Combine(Root, path);

    private static string? FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterHsm.sln")))
            folder = folder.Parent;
        return folder?.FullName;
    }
}
