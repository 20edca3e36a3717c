using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Tool;

/// <summary>The paths of a command line that lie on one shard.</summary>
/// <param name="Root">The shard's root.</param>
/// <param name="Paths">Relative to the root, in the order given, each once; empty for the root itself.</param>
internal sealed record ShardPaths(string Root, IReadOnlyList<string> Paths)
{
    /// <summary>The shard that a path is on.</summary>
    /// <exception cref="NotAShardException">Neither the path nor a folder above it is a shard.</exception>
    public static (string Root, string Relative) Locate(string path)
    {
        if (path.Length == 0)
            throw new HsmFileNotFoundException("''", "the path is empty", "Name a file on a shard");
        string full = FullPath.Of(path);
        if (HsmShard.FindRoot(full) is { } root)
            return (root, ShardPath.Normalize(root, full));
        RequireSearchable(full);
        if (FindRemains(full) is { } remains)
            throw new NotAShardException(remains, $"it has the folder '{ControlFolder.Name}', but no '{ControlFolder.DescriptorPath}' in it",
                "If it was a shard, restore that file from a backup, because a new one would know none of its stubs; if an 'init' was cut off, run it again");
        throw new NotAShardException(full, "neither it nor a folder above it is the root of a shard",
            "Make its root a shard with 'clusterhsm init ROOT --store URI'");
    }

    /// <summary>Tells a shard that may not be looked into from none at all.</summary>
    private static void RequireSearchable(string full)
    {
        for (string? folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            try
            {
                _ = File.GetAttributes(Path.Combine(folder, ControlFolder.DescriptorPath));
            }
            catch (UnauthorizedAccessException denied)
            {
                throw new HsmAccessDeniedException(folder, "it may not be searched, so that nobody can tell whether it is on a shard",
                    "Run as a user who has the permission, or have it granted", denied);
            }
            catch (IOException)
            {
                // Not there: the folder above may be the root.
            }
        }
    }

    /// <summary>The nearest folder with a control folder that says nothing: 'init' there would cut the stubs off from their data.</summary>
    private static string? FindRemains(string full)
    {
        for (string? folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(Path.Combine(folder, ControlFolder.Name)))
                return folder;
        }
        return null;
    }

    /// <summary>Sorts paths by shard; those that are on none are failures of <paramref name="run"/>.</summary>
    /// <remarks>A path that is given twice is one path: a file would meet itself in a transfer, and be taken for in use.</remarks>
    public static IReadOnlyList<ShardPaths> Group(IEnumerable<string> paths, CommandRun run)
    {
        var groups = new List<(string Root, List<string> Paths)>();
        foreach (string path in paths)
        {
            try
            {
                (string root, string relative) = Locate(path);
                int known = groups.FindIndex(group => group.Root == root);
                if (known < 0)
                    groups.Add((root, [relative]));
                else
                    groups[known].Paths.Add(relative);
            }
            catch (HsmException failure)
            {
                run.Fail(failure, FullPath.OrNull(path) ?? path);
            }
        }
        return groups.ConvertAll(group => new ShardPaths(group.Root, [.. group.Paths.Distinct()]));
    }
}
