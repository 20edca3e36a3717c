using System.Buffers;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>Names of files on Windows, and paths of a shard as lists of them.</summary>
internal static class WindowsName
{
    /// <summary>The longest name, in UTF-16 units.</summary>
    internal const int MaxLength = 255;

    // A colon begins a stream and the backslash is a separator. What else a file system does not want, it refuses itself: a name that it
    // has, whoever made it, must be found, or a sweep would take its object for an orphan.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create('\\', ':', '\0');

    /// <summary>The error of opening what has this name, or 0: nothing can have it.</summary>
    internal static int ErrorOf(ReadOnlySpan<char> name) =>
        name.Length > MaxLength ? Win32Error.NameTooLong : name.ContainsAny(Forbidden) ? Win32Error.InvalidName : Win32Error.None;

    /// <summary>The names of a path, <c>.</c> and doubled slashes left out and <c>..</c> gone back by name, as Windows does it.</summary>
    /// <returns>False if the path is absolute or goes above its beginning.</returns>
    internal static bool TrySplit(string path, out List<string> names)
    {
        names = [];
        return path is not ['/', ..] && TryAppend(names, path);
    }

    /// <summary>Goes on from a list of names.</summary>
    internal static bool TryAppend(List<string> names, ReadOnlySpan<char> path)
    {
        foreach (Range range in path.Split('/'))
        {
            ReadOnlySpan<char> name = path[range];
            if (name is "" or ".")
                continue;
            if (name is not "..")
                names.Add(name.ToString());
            else if (names.Count == 0)
                return false;
            else
                names.RemoveAt(names.Count - 1);
        }
        return true;
    }

    /// <summary>A full path as CreateFileW takes it whatever its length (MSDN, Naming Files: <c>\\?\</c>).</summary>
    internal static string WithoutLengthLimit(string fullPath)
    {
        string path = fullPath.Replace('/', '\\');
        return path.StartsWith(@"\\?\", StringComparison.Ordinal) ? path
            : path.StartsWith(@"\\", StringComparison.Ordinal) ? @"\\?\UNC\" + path[2..]
            : @"\\?\" + path;
    }

    /// <summary>Names as ntdll takes them.</summary>
    internal static string Join(List<string> names) => string.Join('\\', names);
}
