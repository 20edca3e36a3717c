namespace ClusterHsm.SecondaryStorage;

/// <summary>Opens stores by their location. The core knows <c>file:///absolute/path</c>, a <see cref="DirectoryStore"/>.</summary>
public static class SecondaryStores
{
    private const string Supported = "Give a location of the form file:///absolute/path";

    /// <summary>Opens a store that exists.</summary>
    /// <param name="location">Where it is: <c>file:///absolute/path</c>.</param>
    /// <exception cref="StoreUnavailableException">The location is of no supported form, or no store is there; nothing was made.</exception>
    /// <exception cref="ShardFormatException">The store was made by a newer version.</exception>
    /// <exception cref="HsmAccessDeniedException">The store cannot be read.</exception>
    public static ISecondaryStore Open(Uri location) => DirectoryStore.Open(DirectoryOf(location));

    /// <summary>Opens a store, and makes it first if the place is empty.</summary>
    /// <param name="location">Where it is or is to be: <c>file:///absolute/path</c>.</param>
    /// <exception cref="StoreUnavailableException">The location is of no supported form, or cannot be reached.</exception>
    /// <exception cref="HsmAlreadyExistsException">The folder holds something that is not a store; nothing was changed.</exception>
    /// <exception cref="ShardFormatException">A store is there, made by a newer version.</exception>
    /// <exception cref="HsmAccessDeniedException">The store cannot be made or read.</exception>
    /// <exception cref="NoSpaceException">There is no space to make it.</exception>
    public static ISecondaryStore OpenOrCreate(Uri location) => DirectoryStore.OpenOrCreate(DirectoryOf(location));

    private static string DirectoryOf(Uri location)
    {
        ArgumentNullException.ThrowIfNull(location);
        string text = location.OriginalString;
        if (!location.IsAbsoluteUri)
            throw Refused(text, "a store's location cannot be relative");
        if (!location.IsFile)
            throw Refused(text, $"stores of the scheme '{location.Scheme}' are not supported, only 'file'");
        if (location.Host.Length > 0)
            throw Refused(text, $"the location names the host '{location.Host}', and a directory store is a local or mounted folder");
        if (location.Query.Length > 0 || location.Fragment.Length > 0)
            throw Refused(text, "a directory store's location has no query and no fragment (in a path, write '?' as %3F and '#' as %23)");
        string path = location.LocalPath;
        if (path.Contains('\0') || !Path.IsPathFullyQualified(path))
            throw Refused(text, "the location holds no absolute path");
        return path;
    }

    private static StoreUnavailableException Refused(string location, string cause) => new(location, cause, Supported);
}
