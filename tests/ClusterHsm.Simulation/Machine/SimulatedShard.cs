using ClusterHsm.FileSystem;
using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>A node's view of the shard in memory, on which every call is a point where others may act: before it, and after it.</summary>
internal sealed class SimulatedShard(SimulatedProcess process, Scheduler scheduler, History history) : IShardFileSystem
{
    private InMemoryNode Inner => process.Node;

    public string Root => Inner.Root;

    public TimeProvider Clock => process.Clock;

    public ShardCapabilities Capabilities => Inner.Capabilities;

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode) =>
        Call(ShardOperation.Open, path, () => (IShardFile)new SimulatedFile(this, process, scheduler, Inner.Open(path, options, creationMode)));

    public ShardFileInfo? GetInfo(string path) => Call(ShardOperation.GetInfo, path, () => Inner.GetInfo(path));

    public byte[]? ReadAttribute(string path, string name) => Call(ShardOperation.ReadAttribute, path, () => Inner.ReadAttribute(path, name));

    public IEnumerable<ShardEntry> ReadDirectory(string path) => Inner.ReadDirectory(path);

    public bool CreateDirectory(string path, UnixFileMode mode) => Inner.CreateDirectory(path, mode);

    public void Delete(string path) => Inner.Delete(path);

    public void Rename(string from, string to) => Inner.Rename(from, to);

    public void FlushDirectory(string path) => Inner.FlushDirectory(path);

    public void FlushAll() => Inner.FlushAll();

    public WriterPresence FindWriters(string path) => Call(ShardOperation.FindWriters, path, () => Inner.FindWriters(path));

    public void Dispose() { }

    public T Call<T>(ShardOperation operation, string path, Func<T> call)
    {
        Before(operation, path, isChange: false);
        T result = call();
        After(operation, path);
        return result;
    }

    /// <param name="operation">The call.</param>
    /// <param name="path">The file.</param>
    /// <param name="isChange">Whether it changes a file's data or marks.</param>
    public void Before(ShardOperation operation, string path, bool isChange)
    {
        if (IsDiagnosis(path))
            return;
        Actor actor = Scheduler.Current;
        actor.IsBeforeChange = isChange;
        scheduler.Rest(operation);
        actor.IsBeforeChange = false;
        history.Note(scheduler.Now, actor.Name, Name(operation), path);
    }

    /// <summary>The answer is on its way: others act meanwhile.</summary>
    public void After(ShardOperation operation, string path)
    {
        if (operation is ShardOperation.ReadAttribute or ShardOperation.GetInfo or ShardOperation.Lock or ShardOperation.QueryLock or ShardOperation.Write
            && !IsDiagnosis(path))
            scheduler.Rest(operation);
    }

    /// <summary>The list of nodes is for people: nothing hangs on when it is written.</summary>
    private static bool IsDiagnosis(string path) => path.StartsWith(".clusterhsm/nodes", StringComparison.Ordinal);

    private static string Name(ShardOperation operation) => Names[(int)operation];

    private static readonly string[] Names = Enum.GetNames<ShardOperation>();
}
