using ClusterHsm.FileSystem;

namespace ClusterHsm.Tool;

/// <summary>The files that paths stand for: files themselves, and with <c>--recursive</c> all below a folder.</summary>
internal static class FileSelection
{
    /// <summary>The same for whoever only counts, and tells nobody what cannot be looked at.</summary>
    public static IEnumerable<FileStatus> Select(HsmVolume volume, IReadOnlyCollection<string> paths, bool recursive, CancellationToken cancel) =>
        Select(static _ => { }, volume, paths, recursive, cancel);

    /// <summary>Each file once, with its status.</summary>
    /// <remarks>Lazy, so that a tree of any size takes no memory.</remarks>
    /// <param name="onFailure">Told of what cannot be looked at.</param>
    /// <param name="volume">The shard.</param>
    /// <param name="paths">Relative to its root, each once.</param>
    /// <param name="recursive">Whether folders stand for all that is below them.</param>
    /// <param name="cancel">Ends it.</param>
    public static IEnumerable<FileStatus> Select(Action<HsmException> onFailure, HsmVolume volume, IReadOnlyCollection<string> paths, bool recursive,
        CancellationToken cancel)
    {
        HashSet<string>? named = recursive && paths.Count > 1 ? [.. paths] : null;
        foreach (string path in paths)
        {
            using IEnumerator<FileStatus> files = Expand(onFailure, volume, path, recursive).GetEnumerator();
            while (TryMoveNext(onFailure, files))
            {
                cancel.ThrowIfCancellationRequested();
                if (named is null || NearestOf(named, files.Current.Path) == path)
                    yield return files.Current;
            }
        }
    }

    /// <summary>The path at or above a file by which it is taken, where one that is named lies below another.</summary>
    private static string NearestOf(HashSet<string> named, string file)
    {
        string path = file;
        while (path.Length > 0 && !named.Contains(path))
            path = ShardPath.Parent(path);
        return path;
    }

    private static IEnumerable<FileStatus> Expand(Action<HsmException> onFailure, HsmVolume volume, string path, bool recursive)
    {
        if (!recursive)
        {
            yield return StatusOf(volume, path);
            yield break;
        }
        foreach (FileStatus file in volume.EnumerateStatus(path, onFailure))
            yield return file;
    }

    private static FileStatus StatusOf(HsmVolume volume, string path)
    {
        try
        {
            return path.Length > 0 ? volume.GetStatus(path) : throw IsFolder(volume, path, null);
        }
        catch (NotARegularFileException e) when (path.Length > 0 && volume.Shard.GetInfo(path) is { Type: ShardEntryType.Directory })
        {
            throw IsFolder(volume, path, e);
        }
    }

    /// <summary>The library does not know of options; every command that selects files has this one.</summary>
    private static NotARegularFileException IsFolder(HsmVolume volume, string path, Exception? inner) =>
        new(ShardPath.Display(volume.Root, path), "it is a folder", "Take all files in it with --recursive", inner);

    /// <summary>Goes to the next file; a failure ends this path and not the command.</summary>
    private static bool TryMoveNext(Action<HsmException> onFailure, IEnumerator<FileStatus> files)
    {
        try
        {
            return files.MoveNext();
        }
        catch (HsmException failure)
        {
            onFailure(failure);
        }
        return false;
    }
}
