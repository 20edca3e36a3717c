using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>
/// The shard's own present, which file times are told by: read once from a file that is touched, then carried on by the node's monotonic
/// clock, so that no decision rests on this computer's wall clock.
/// </summary>
internal sealed class ShardTime
{
    private readonly TimeProvider _clock;
    private readonly ShardTimestamp _read;
    private readonly long _readAt;

    private ShardTime(TimeProvider clock, ShardTimestamp read, long readAt) => (_clock, _read, _readAt) = (clock, read, readAt);

    public static ShardTime Read(IShardFileSystem shard)
    {
        string path = $"{ControlFolder.NodesPath}/time-{Guid.NewGuid():N}";
        try
        {
            using IShardFile probe = shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive);
            long readAt = shard.Clock.GetTimestamp();
            return new ShardTime(shard.Clock, probe.Touch(), readAt);
        }
        finally
        {
            shard.Delete(path);
        }
    }

    /// <summary>How long ago the file's data or attributes last changed; negative if in the future.</summary>
    public TimeSpan AgeOf(in ShardFileInfo info)
    {
        ShardTimestamp last = info.Modified > info.Changed ? info.Modified : info.Changed;
        TimeSpan age = _read.Since(last);
        return age == TimeSpan.MinValue ? age : age + _clock.GetElapsedTime(_readAt);
    }
}
