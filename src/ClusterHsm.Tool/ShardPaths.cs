using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Tool;

/// <summary>The paths of a command line that lie on one shard.</summary>
/// <param name="Root">The shard's root.</param>
/// <param name="Paths">Relative to the root, in the order given; empty for the root itself.</param>
internal sealed record ShardPaths(string Root, IReadOnlyList<string> Paths)
{
    /// <summary>The shard that a path is on.</summary>
    /// <exception cref="NotAShardException">Neither the path nor a folder above it is a shard.</exception>
    public static (string Root, string Relative) Locate(string path)
    {
        if (path.Length == 0)
            throw new HsmFileNotFoundException("''", "the path is empty", "Name a file on a shard");
        string full = Path.GetFullPath(path);
        if (HsmShard.FindRoot(full) is { } root)
            return (root, ShardPath.Normalize(root, full));
        RequireSearchable(full);
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

    /// <summary>Sorts paths by shard; those that are on none are told to <paramref name="failures"/>.</summary>
    public static IReadOnlyList<ShardPaths> Group(IEnumerable<string> paths, FailureLog failures)
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
                failures.Add(failure);
            }
        }
        return groups.ConvertAll(group => new ShardPaths(group.Root, group.Paths));
    }
}
