using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>A file that is archived and may be released.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Identity">Which file it was.</param>
/// <param name="SealedAt">The ctime that this process saw after it wrote or proved the record; null if nothing proves the data yet.</param>
/// <param name="HasProvenCopy">Whether its copy was made or read back by this call.</param>
internal sealed record ReleaseCandidate(string Path, FileIdentity Identity, ShardTimestamp? SealedAt, bool HasProvenCopy = false);
