using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>
/// Keeps a shard's own files from being opened as data. A service that opens what its users name has more rights than they: whoever writes
/// <c>shard.json</c> through it says where all data goes, and whoever reads the key can sign records.
/// </summary>
internal sealed class OwnFiles(IShardFileSystem shard)
{
    private const string Cause = "it is one of the shard's own files";
    private const string Remedy = "They hold no data. Name a file outside of '" + ControlFolder.Name + "'";

    private static readonly string[] Names =
        [ControlFolder.SignalPath, ControlFolder.QuiescePath, ControlFolder.DescriptorPath, ControlFolder.KeyPath];

    private HashSet<ulong>? _inodes;

    /// <summary>Whether a path is that of the control folder or of something in it, by its text alone.</summary>
    /// <param name="path">Relative to the shard's root.</param>
    public static bool AreNamedBy(string path) =>
        path.Contains(ControlFolder.Name, ShardPath.NameComparison) && IsFirst(ControlFolder.Name, path);

    /// <summary>Refuses a path before anything is opened or made. Costs a search of the text.</summary>
    public void RefusePath(string path)
    {
        if (AreNamedBy(path))
            throw new OutsideRootException(ShardPath.Display(shard.Root, path), Cause, Remedy);
    }

    /// <summary>Refuses a file that was found by another name, a link. It is asked before an inode is remembered, so that a hit need not ask.</summary>
    public void Refuse(IShardFile file)
    {
        if (file.Identity.OnShardDevice && (_inodes ??= ReadInodes()).Contains(file.Identity.Inode))
            throw new OutsideRootException(ShardPath.Display(shard.Root, file.Path), Cause, "It was reached by a link. Remove the link");
    }

    private HashSet<ulong> ReadInodes() =>
        [.. Names.Select(shard.GetInfo).Where(static info => info is not null).Select(static info => info!.Value.Identity.Inode)];

    /// <summary>Whether a name is the first of a path when what <c>.</c> and <c>..</c> undo is left out.</summary>
    private static bool IsFirst(string name, string path)
    {
        bool isFirst = false;
        int depth = 0;
        foreach (Range part in path.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> text = path.AsSpan(part);
            if (text is "" or ".")
                continue;
            if (text is "..")
                depth--;
            else if (depth++ == 0)
                isFirst = text.Equals(name, ShardPath.NameComparison);
        }
        return isFirst && depth > 0;
    }
}
