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
    /// <summary>Why a file is not to be migrated, in words; null if it is.</summary>
    public string? WhyNot(FileStatus file) =>
        file.Size < MinSize ? $"it has less than {MinSize} bytes"
        : Now is not null && Now.SinceModified(file.Info) < MinAge ? "it was written too lately"
        : Excludes.FirstOrDefault(pattern => IsExcluded(pattern, file.Path)) is { } excluding ? $"it is excluded by '{excluding}'"
        : null;

    private static bool IsExcluded(string pattern, string path) => pattern.Contains('/', StringComparison.Ordinal)
        ? Matches(pattern.TrimStart('/'), path)
        : path.Split('/').Any(name => Matches(pattern, name));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
