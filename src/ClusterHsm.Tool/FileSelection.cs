namespace ClusterHsm.Tool;

/// <summary>The files that paths stand for: files themselves, and with <c>--recursive</c> all below a folder.</summary>
internal static class FileSelection
{
    /// <summary>Each file with its status. What cannot be looked at is told to the failures of <paramref name="run"/>.</summary>
    /// <remarks>Lazy, so that a tree of any size takes no memory.</remarks>
    public static IEnumerable<FileStatus> Select(CommandRun run, HsmVolume volume, IEnumerable<string> paths, bool recursive,
        CancellationToken cancel) => Select(run.Failures.Add, volume, paths, recursive, cancel);

    /// <summary>The same for whoever only counts, and tells nobody what cannot be looked at.</summary>
    public static IEnumerable<FileStatus> Select(HsmVolume volume, IEnumerable<string> paths, bool recursive, CancellationToken cancel) =>
        Select(static _ => { }, volume, paths, recursive, cancel);

    private static IEnumerable<FileStatus> Select(Action<HsmException> onFailure, HsmVolume volume, IEnumerable<string> paths, bool recursive,
        CancellationToken cancel)
    {
        foreach (string path in paths)
        {
            using IEnumerator<FileStatus> files = Expand(onFailure, volume, path, recursive).GetEnumerator();
            while (TryMoveNext(onFailure, files))
            {
                cancel.ThrowIfCancellationRequested();
                yield return files.Current;
            }
        }
    }

    private static IEnumerable<FileStatus> Expand(Action<HsmException> onFailure, HsmVolume volume, string path, bool recursive)
    {
        if (!recursive && path.Length == 0)
            throw new NotARegularFileException(volume.Root, "it is a folder", "Take all files in it with --recursive");
        if (!recursive)
        {
            yield return volume.GetStatus(path);
            yield break;
        }
        foreach (FileStatus file in volume.EnumerateStatus(path, onFailure))
            yield return file;
    }

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
