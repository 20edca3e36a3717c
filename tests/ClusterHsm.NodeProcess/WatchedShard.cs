using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.NodeProcess;

/// <summary>A shard that lets a test in at the points where a race has to be won.</summary>
internal sealed class WatchedShard(IShardFileSystem inner, TimeProvider clock) : IShardFileSystem
{
    /// <summary>Called before each read of data: path and offset.</summary>
    public Action<string, long>? BeforeRead { get; set; }

    /// <summary>Called after an extended attribute of an open file has been read, and before the caller has it.</summary>
    public Action<string>? AfterLook { get; set; }

    /// <summary>Called when a lock that was asked for is somebody else's.</summary>
    public Action<string>? AfterDenial { get; set; }

    public string Root => inner.Root;

    public TimeProvider Clock => clock;

    public ShardCapabilities Capabilities => inner.Capabilities;

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode) =>
        new WatchedFile(inner.Open(path, options, creationMode), this);

    public ShardFileInfo? GetInfo(string path) => inner.GetInfo(path);

    public byte[]? ReadAttribute(string path, string name) => inner.ReadAttribute(path, name);

    public IEnumerable<ShardEntry> ReadDirectory(string path) => inner.ReadDirectory(path);

    public bool CreateDirectory(string path, UnixFileMode mode) => inner.CreateDirectory(path, mode);

    public void Delete(string path) => inner.Delete(path);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void FlushDirectory(string path) => inner.FlushDirectory(path);

    public void FlushAll() => inner.FlushAll();

    public WriterPresence FindWriters(string path) => inner.FindWriters(path);

    public void Dispose() => inner.Dispose();

    private sealed class WatchedFile(IShardFile file, WatchedShard hooks) : IShardFile
    {
        public string Path => file.Path;

        public FileIdentity Identity => file.Identity;

        public bool CanWrite => file.CanWrite;

        public SafeFileHandle? Handle => file.Handle;

        public int Read(Span<byte> buffer, long offset)
        {
            hooks.BeforeRead?.Invoke(Path, offset);
            return file.Read(buffer, offset);
        }

        public void Write(ReadOnlySpan<byte> buffer, long offset) => file.Write(buffer, offset);

        public ShardFileInfo GetInfo() => file.GetInfo();

        public void SetLength(long length) => file.SetLength(length);

        public void WriteBack() => file.WriteBack();

        public void PunchHole(long offset, long length) => file.PunchHole(offset, length);

        public bool TryFindData(long offset, out long start, out long end) => file.TryFindData(offset, out start, out end);

        public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified) => file.SetTimes(accessed, modified);

        public ShardTimestamp Touch() => file.Touch();

        public void SetOwnership(UnixFileMode mode, uint userId, uint groupId) => file.SetOwnership(mode, userId, groupId);

        public void Flush() => file.Flush();

        public IShardFile Reopen(ShardOpenOptions options) => new WatchedFile(file.Reopen(options), hooks);

            public void Advise(FileAdvice advice, long offset = 0, long length = 0) => file.Advise(advice, offset, length);

        public int ReadAttribute(string name, Span<byte> destination)
        {
            int length = file.ReadAttribute(name, destination);
            hooks.AfterLook?.Invoke(Path);
            return length;
        }

        public void WriteAttribute(string name, ReadOnlySpan<byte> value) => file.WriteAttribute(name, value);

        public bool RemoveAttribute(string name) => file.RemoveAttribute(name);

        public LockResult TryLock(LockRange range, LockKind kind)
        {
            LockResult answer = file.TryLock(range, kind);
            if (answer.Status == LockStatus.Denied)
                hooks.AfterDenial?.Invoke(Path);
            return answer;
        }

        public LockResult QueryLock(LockRange range, LockKind kind) => file.QueryLock(range, kind);

        public LockResult Unlock(LockRange range) => file.Unlock(range);

        public OpenerExclusion TryExcludeOpeners() => file.TryExcludeOpeners();

        public void AdmitOpeners() => file.AdmitOpeners();

        public void Dispose() => file.Dispose();
    }
}
