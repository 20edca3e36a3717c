using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Migration;

/// <summary>
/// Tells files that lie in this shard and are no business of it. Of a shard in it the nodes would not be asked before files become stubs, and its
/// control folder would be among them; of a store the objects would become stubs. For one list of files; not for several threads.
/// </summary>
internal sealed class InnerFolders(IShardFileSystem shard)
{
    private string _folder = "";
    private string? _owner;

    /// <summary>Whose a file is, in words: of the inner shard or the store that it lies in. Null if it is this shard's.</summary>
    /// <remarks>Costs a look for each folder on the way, once for files of the same folder that follow each other.</remarks>
    /// <param name="path">Relative to the shard's root.</param>
    /// <exception cref="ShardIOException">A folder cannot be looked into.</exception>
    public string? OwnerOf(string path)
    {
        string folder = WithoutDots(ShardPath.Parent(path));
        if (folder != _folder)
            (_folder, _owner) = (folder, Find(folder));
        return _owner;
    }

    private string? Find(string folder)
    {
        for (; folder.Length > 0; folder = ShardPath.Parent(folder))
        {
            if (shard.GetInfo(ShardPath.Combine(folder, ControlFolder.DescriptorPath)) is not null)
                return $"another shard, '{ShardPath.Display(shard.Root, folder)}'";
            if (shard.GetInfo(ShardPath.Combine(folder, DirectoryStoreLayout.MarkerName)) is not null)
                return $"the store in '{ShardPath.Display(shard.Root, folder)}'";
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
