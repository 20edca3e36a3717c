namespace ClusterHsm.FileSystem;

/// <summary>Paths inside a shard: relative to its root, with <c>/</c> between names.</summary>
public static class ShardPath
{
    /// <summary>Makes a path that a user gave relative to the root.</summary>
    /// <param name="root">The absolute path of the root.</param>
    /// <param name="path">
    /// Relative to the root already, or absolute and below it: by its text, or if that is not so, with the symbolic links of both followed.
    /// </param>
    /// <exception cref="ArgumentException">The path is empty or holds a NUL character.</exception>
    /// <exception cref="ShardIOException"><see cref="ShardError.OutsideRoot"/>: an absolute path that is not below the root.</exception>
    public static string Normalize(string root, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A path cannot hold a NUL character.", nameof(path));
        string text = WithSlashes(path);
        if (text[0] != '/' && !(OperatingSystem.IsWindows() && text is [_, ':', ..]))
            return text;
        return RelativeTo(WithSlashes(root), text)
            ?? RelativeTo(WithSlashes(RealPath.Of(root)), WithSlashes(RealPath.Of(path)))
            ?? throw new ShardIOException(ShardError.OutsideRoot, "open", path, $"it is not below the shard's root '{root}'");
    }

    private static string WithSlashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;

    /// <summary>What follows the root in the text of an absolute path; null if it begins otherwise.</summary>
    private static string? RelativeTo(string root, string path)
    {
        string trimmed = root.TrimEnd('/');
        return path.StartsWith(trimmed, NameComparison) && (path.Length == trimmed.Length || path[trimmed.Length] == '/')
            ? path[trimmed.Length..].Trim('/')
            : null;
    }

    /// <summary>How this computer compares names.</summary>
    internal static StringComparison NameComparison => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Puts a name below a directory.</summary>
    public static string Combine(string directory, string name) => directory.Length == 0 ? name : $"{directory}/{name}";

    /// <summary>The directory that holds <paramref name="path"/>; empty for the root.</summary>
    public static string Parent(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    /// <summary>The absolute form, for messages.</summary>
    public static string Display(string root, string path) => path.Length == 0 ? root : $"{root.TrimEnd('/')}/{path}";
}
