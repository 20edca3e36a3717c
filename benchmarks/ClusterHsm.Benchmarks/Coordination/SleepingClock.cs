using ClusterHsm.FileSystem;
using ClusterHsm.Testing;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>The clock of a party that has one thread: a delay that it begins is kept until that thread has slept it.</summary>
internal sealed class SleepingClock(ManualTimeProvider clock) : TimeProvider
{
    private volatile Alarm? _alarm;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _alarm = new Alarm(dueTime, () => callback(state));

    /// <summary>Sleeps each delay that a task begins, and lets it go on, until the task is done.</summary>
    public void See(Task task, Action<TimeSpan> sleep)
    {
        while (true)
        {
            SpinWait.SpinUntil(() => task.IsCompleted || _alarm is not null);
            if (task.IsCompleted)
                return;
            Alarm alarm = _alarm!;
            _alarm = null;
            sleep(alarm.Due);
            alarm.Fire();
        }
    }

    private sealed class Alarm(TimeSpan due, Action fire) : ITimer
    {
        public TimeSpan Due { get; } = due;

        public Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A node's shard with another clock.</summary>
internal sealed class ShardWithClock(IShardFileSystem shard, TimeProvider clock) : IShardFileSystem
{
    public string Root => shard.Root;

    public TimeProvider Clock => clock;

    public ShardCapabilities Capabilities => shard.Capabilities;

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode) => shard.Open(path, options, creationMode);

    public ShardFileInfo? GetInfo(string path) => shard.GetInfo(path);

    public byte[]? ReadAttribute(string path, string name) => shard.ReadAttribute(path, name);

    public IEnumerable<ShardEntry> ReadDirectory(string path) => shard.ReadDirectory(path);

    public bool CreateDirectory(string path, UnixFileMode mode) => shard.CreateDirectory(path, mode);

    public void Delete(string path) => shard.Delete(path);

    public void Rename(string from, string to) => shard.Rename(from, to);

    public void FlushDirectory(string path) => shard.FlushDirectory(path);

    public void FlushAll() => shard.FlushAll();

    public WriterPresence FindWriters(string path) => shard.FindWriters(path);

    public void Dispose() => shard.Dispose();
}
