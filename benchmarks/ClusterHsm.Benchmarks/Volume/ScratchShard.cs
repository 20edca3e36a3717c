namespace ClusterHsm.Benchmarks.Volume;

/// <summary>A shard and its store in a new folder below the temporary one, which goes with all that is in it.</summary>
internal sealed class ScratchShard : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterhsm-bench-").FullName;

    /// <param name="options">What its nodes agree on; null for the defaults.</param>
    /// <param name="parent">Where the shard is to be, such as a mount; null for the same folder.</param>
    public ScratchShard(ShardInitializeOptions? options = null, string? parent = null)
    {
        Root = Path.Combine(parent ?? _folder, "shard");
        Directory.CreateDirectory(Root);
        HsmShard.Initialize(Root, new Uri(Store), options);
    }

    public string Root { get; }

    public string Store => Path.Combine(_folder, "store");

    /// <summary>Writes random bytes that no two files share.</summary>
    /// <returns>The file's name, relative to the shard.</returns>
    public string Write(string name, long length)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] piece = new byte[Math.Min(length, 1 << 20)];
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        for (long left = length; left > 0; left -= piece.Length)
        {
            Random.Shared.NextBytes(piece);
            file.Write(piece, 0, (int)Math.Min(left, piece.Length));
        }
        return name;
    }

    /// <summary>Gives back the blocks of all objects, but not their inodes.</summary>
    public void EmptyStore()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Store, "objects"), "*", SearchOption.AllDirectories))
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            using FileStream file = new(path, FileMode.Truncate, FileAccess.Write);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
        Directory.Delete(_folder, recursive: true);
    }
}
