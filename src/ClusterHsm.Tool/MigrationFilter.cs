using System.IO.Enumeration;
using ClusterHsm.Migration;

namespace ClusterHsm.Tool;

/// <summary>Which of the selected files are to be migrated.</summary>
/// <param name="MinSize">Least size in bytes.</param>
/// <param name="MinAge">Least time since the data was last written.</param>
/// <param name="Now">The shard's present; null if any age will do.</param>
/// <param name="Excludes">
/// Patterns with <c>*</c> and <c>?</c>: one with a slash is held against the path below the root, one without against each name in it.
/// </param>
internal sealed record MigrationFilter(long MinSize, TimeSpan MinAge, ShardTime? Now, IReadOnlyList<string> Excludes)
{
    public bool Takes(FileStatus file) => file.Size >= MinSize
        && (Now is null || Now.SinceModified(file.Info) >= MinAge)
        && !Excludes.Any(pattern => IsExcluded(pattern, file.Path));

    private static bool IsExcluded(string pattern, string path) => pattern.Contains('/', StringComparison.Ordinal)
        ? Matches(pattern.TrimStart('/'), path)
        : path.Split('/').Any(name => Matches(pattern, name));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
