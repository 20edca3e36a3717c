using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Simulation;

/// <summary>An open file of a <see cref="SimulatedShard"/>.</summary>
internal sealed class SimulatedFile(SimulatedShard shard, SimulatedProcess process, Scheduler scheduler, IShardFile inner) : IShardFile
{
    public string Path => inner.Path;

    public FileIdentity Identity => inner.Identity;

    public bool CanWrite => inner.CanWrite;

    public SafeFileHandle? Handle => null;

    public IShardFile Reopen(ShardOpenOptions options) =>
        shard.Call(ShardOperation.Open, Path, () => (IShardFile)new SimulatedFile(shard, process, scheduler, inner.Reopen(options)));

    public int Read(Span<byte> buffer, long offset)
    {
        shard.Before(ShardOperation.Read, Path, isChange: false);
        return inner.Read(buffer, offset);
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        shard.Before(ShardOperation.Write, Path, isChange: true);
        inner.Write(buffer, offset);
        shard.After(ShardOperation.Write, Path);
    }

    public ShardFileInfo GetInfo() => shard.Call(ShardOperation.GetInfo, Path, inner.GetInfo);

    public void SetLength(long length) => Change(ShardOperation.SetLength, () => inner.SetLength(length));

    public void PunchHole(long offset, long length) => Change(ShardOperation.PunchHole, () => inner.PunchHole(offset, length));

    public bool TryFindData(long offset, out long start, out long end)
    {
        shard.Before(ShardOperation.FindData, Path, isChange: false);
        return inner.TryFindData(offset, out start, out end);
    }

    public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified) =>
        Change(ShardOperation.SetTimes, () => inner.SetTimes(accessed, modified));

    public ShardTimestamp Touch() => inner.Touch();

    public void SetOwnership(UnixFileMode mode, uint userId, uint groupId) =>
        Change(ShardOperation.SetOwnership, () => inner.SetOwnership(mode, userId, groupId));

    public void Flush()
    {
        shard.Before(ShardOperation.Flush, Path, isChange: false);
        inner.Flush();
    }

    public void WriteBack()
    {
        shard.Before(ShardOperation.Flush, Path, isChange: false);
        inner.WriteBack();
    }

    public void Advise(FileAdvice advice, long offset = 0, long length = 0) { }

    public int ReadAttribute(string name, Span<byte> destination)
    {
        shard.Before(ShardOperation.ReadAttribute, Path, isChange: false);
        int length = inner.ReadAttribute(name, destination);
        shard.After(ShardOperation.ReadAttribute, Path);
        return length;
    }

    public void WriteAttribute(string name, ReadOnlySpan<byte> value)
    {
        shard.Before(ShardOperation.WriteAttribute, Path, isChange: true);
        inner.WriteAttribute(name, value);
    }

    public bool RemoveAttribute(string name)
    {
        shard.Before(ShardOperation.RemoveAttribute, Path, isChange: true);
        return inner.RemoveAttribute(name);
    }

    public LockResult TryLock(LockRange range, LockKind kind) => Ask(ShardOperation.Lock, file => file.TryLock(range, kind));

    public LockResult QueryLock(LockRange range, LockKind kind) => Ask(ShardOperation.QueryLock, file => file.QueryLock(range, kind));

    public LockResult Unlock(LockRange range)
    {
        shard.Before(ShardOperation.Unlock, Path, isChange: false);
        return inner.Unlock(range);
    }

    public OpenerExclusion TryExcludeOpeners() => shard.Call(ShardOperation.ExcludeOpeners, Path, inner.TryExcludeOpeners);

    public void AdmitOpeners() => inner.AdmitOpeners();

    public void Dispose() => inner.Dispose();

    private LockResult Ask(ShardOperation operation, Func<IShardFile, LockResult> ask)
    {
        shard.Before(operation, Path, isChange: false);
        LockResult answer = process.LockError(scheduler.Now) is { } error ? new LockResult(LockStatus.Failed, error) : ask(inner);
        shard.After(operation, Path);
        return answer;
    }

    private void Change(ShardOperation operation, Action change)
    {
        shard.Before(operation, Path, isChange: true);
        change();
    }
}
