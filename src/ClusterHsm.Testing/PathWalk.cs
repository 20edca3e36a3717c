using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>Where a path leads: the directory, the name in it, and what has that name. The name is empty for a directory itself.</summary>
internal readonly record struct Place(Inode Directory, string Name, Inode? Target);

/// <summary>Follows a path below a root as <c>openat2(2)</c> does with RESOLVE_BENEATH. Guarded by the cluster's gate.</summary>
internal static class PathWalk
{
    private const int MaxLinks = 40;
    private const int Eloop = 40;
    private const int Enametoolong = 36;
    private const int Enotdir = 20;

    public static Place Resolve(Inode root, string path, bool followLast, Func<ShardError, string?, int, ShardIOException> failure)
    {
        if (path.Contains('\0'))
            throw new ArgumentException("A path holds no NUL character.", nameof(path));
        var ahead = new Stack<string>();
        Push(ahead, path, failure);
        var above = new Stack<Inode>();
        Inode here = root;
        int links = 0;
        while (ahead.TryPop(out string? name))
        {
            if (here.Type != ShardEntryType.Directory)
                throw failure(ShardError.NotARegularFile, "a part of the path is not a directory", Enotdir);
            if (name == ".")
            {
                if (ahead.Count == 0)
                    return new Place(here, "", here);
                continue;
            }
            if (name == "..")
            {
                here = above.TryPop(out Inode? parent) ? parent : throw failure(ShardError.OutsideRoot, null, 0);
                if (ahead.Count == 0)
                    return new Place(here, "", here);
                continue;
            }
            name = FileNames.Canonical(name);
            if (FileNames.CountBytes(name) > FileNames.MaxBytes)
                throw failure(ShardError.TooLarge, "a name is longer than 255 bytes", Enametoolong);
            here.State.Entries.TryGetValue(name, out Inode? next);
            if (next is { Type: ShardEntryType.SymbolicLink } && (followLast || ahead.Count > 0))
            {
                if (++links > MaxLinks)
                    throw failure(ShardError.Other, "there are too many symbolic links on the way", Eloop);
                Push(ahead, next.State.Target, failure);
                continue;
            }
            if (ahead.Count == 0)
                return new Place(here, name, next);
            if (next is null)
                throw failure(ShardError.NotFound, null, 0);
            above.Push(here);
            here = next;
        }
        return new Place(root, "", root);
    }

    private static void Push(Stack<string> ahead, string path, Func<ShardError, string?, int, ShardIOException> failure)
    {
        if (path.StartsWith('/'))
            throw failure(ShardError.OutsideRoot, null, 0);
        // A trailing slash asks for a directory.
        if (path.EndsWith('/'))
            ahead.Push(".");
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            ahead.Push(name);
    }
}
