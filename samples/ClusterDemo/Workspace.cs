namespace ClusterHsm.ClusterDemo;

/// <summary>The temporary folder of one run: shard, store and manifest.</summary>
internal sealed class Workspace(string folder)
{
    public string Folder { get; } = folder;

    public string Shard => Path.Combine(Folder, "shard");

    public string Store => Path.Combine(Folder, "store");

    public string Manifest => Path.Combine(Folder, "manifest");

    public static Workspace Create(string parent)
    {
        var workspace = new Workspace(Path.Combine(parent, $"clusterdemo-{Guid.NewGuid():n}"));
        Directory.CreateDirectory(workspace.Shard);
        return workspace;
    }

    /// <summary>Removes everything; says so if it cannot, and does not throw.</summary>
    public void Remove()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{Folder} could not be removed: {failure.Message}");
        }
    }
}
