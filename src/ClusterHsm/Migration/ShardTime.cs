using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>
/// The shard's own present, which file times are told by: read once from a file that is touched, then carried on by the node's monotonic
/// clock, so that no decision rests on this computer's wall clock. <see cref="HsmVolume.ReadShardTime"/> makes one. Thread-safe.
/// </summary>
public sealed class ShardTime
{
    private const string Prefix = "time-";

    private readonly TimeProvider _clock;
    private readonly ShardTimestamp _read;
    private readonly long _readAt;

    private ShardTime(TimeProvider clock, ShardTimestamp read, long readAt) => (_clock, _read, _readAt) = (clock, read, readAt);

    internal static ShardTime Read(IShardFileSystem shard)
    {
        string path = $"{ControlFolder.NodesPath}/{Prefix}{Guid.NewGuid():N}";
        // Outside the try: a file that could not be made is not deleted either, and that failure would hide this one.
        IShardFile probe = shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive);
        try
        {
            using (probe)
            {
                long readAt = shard.Clock.GetTimestamp();
                return new ShardTime(shard.Clock, probe.Touch(), readAt);
            }
        }
        finally
        {
            shard.Delete(path);
        }
    }

    /// <summary>Removes what those who were killed while they read it left behind, an hour later. Leaves what it may not remove.</summary>
    internal static void RemoveLeftBehind(IShardFileSystem shard)
    {
        ShardTime now = Read(shard);
        foreach (ShardEntry entry in shard.ReadDirectory(ControlFolder.NodesPath))
        {
            string path = $"{ControlFolder.NodesPath}/{entry.Name}";
            if (!entry.Name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            try
            {
                if (shard.GetInfo(path) is { Type: ShardEntryType.File } info && now.SinceModified(info) > TimeSpan.FromHours(1))
                    shard.Delete(path);
            }
            catch (ShardIOException)
            {
                // Another user's, in a folder in which each removes his own: his own sweep does, or root's.
            }
        }
    }

    /// <summary>How long ago the file's data was last written, by its mtime; negative if in the future.</summary>
    public TimeSpan SinceModified(in ShardFileInfo info) => Since(info.Modified);

    /// <summary>How long ago the file's data or attributes last changed; negative if in the future.</summary>
    internal TimeSpan AgeOf(in ShardFileInfo info) => Since(info.Modified > info.Changed ? info.Modified : info.Changed);

    private TimeSpan Since(ShardTimestamp last)
    {
        TimeSpan age = _read.Since(last);
        return age == TimeSpan.MinValue ? age : age + _clock.GetElapsedTime(_readAt);
    }
}
