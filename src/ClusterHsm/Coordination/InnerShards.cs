using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>
/// Tells files of a shard that lies in this one, which are no business of this one: its nodes would not be asked before they become stubs,
/// and its control folder would be among them. For one list of files; not for several threads.
/// </summary>
internal sealed class InnerShards(IShardFileSystem shard)
{
    private string _folder = "";
    private string? _root;

    /// <summary>The root of the inner shard that a file lies in, or null.</summary>
    /// <remarks>Costs a look for each folder on the way, once for files of the same folder that follow each other.</remarks>
    /// <param name="path">Relative to the shard's root.</param>
    /// <exception cref="ShardIOException">A folder cannot be looked into.</exception>
    public string? Holding(string path)
    {
        string folder = WithoutDots(ShardPath.Parent(path));
        if (folder != _folder)
            (_folder, _root) = (folder, Find(folder));
        return _root;
    }

    private string? Find(string folder)
    {
        for (; folder.Length > 0; folder = ShardPath.Parent(folder))
        {
            if (shard.GetInfo(ShardPath.Combine(folder, ControlFolder.DescriptorPath)) is not null)
                return folder;
        }
        return null;
    }

    private static string WithoutDots(string folder)
    {
        if (!folder.Contains('.') && !folder.Contains("//", StringComparison.Ordinal))
            return folder;
        List<string> names = [];
        foreach (string name in folder.Split('/'))
        {
            if (name is "..")
                names.RemoveRange(Math.Max(0, names.Count - 1), Math.Min(1, names.Count));
            else if (name is not ("" or "."))
                names.Add(name);
        }
        return string.Join('/', names);
    }
}
