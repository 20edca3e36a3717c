using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Tests.Volume;

/// <summary>A shard's file system that calls back, with the path, at the moments at which a scenario wants something to happen.</summary>
internal sealed class HookedShard(IShardFileSystem inner) : IShardFileSystem
{
    public Action<string>? Opening { get; set; }

    /// <summary>A release asks this first of a file, once the handover has begun: its looks before are over.</summary>
    public Action<string>? LookingForWriters { get; set; }

    /// <summary>False makes it a file system on which the kernel cannot say who writes.</summary>
    public bool KernelTellsOfWriters { get; set; } = true;

    /// <summary>The file is marked as a stub and has all of its data.</summary>
    public Action<string>? Punching { get; set; }

    /// <summary>The file is a stub; its release has not ended.</summary>
    public Action<string>? Punched { get; set; }

    public string Root => inner.Root;

    public TimeProvider Clock => inner.Clock;

    public ShardCapabilities Capabilities => inner.Capabilities;

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        Opening?.Invoke(path);
        return new HookedFile(this, inner.Open(path, options, creationMode));
    }

    public ShardFileInfo? GetInfo(string path) => inner.GetInfo(path);

    public byte[]? ReadAttribute(string path, string name) => inner.ReadAttribute(path, name);

    public IEnumerable<ShardEntry> ReadDirectory(string path) => inner.ReadDirectory(path);

    public bool CreateDirectory(string path, UnixFileMode mode) => inner.CreateDirectory(path, mode);

    public void Delete(string path) => inner.Delete(path);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void FlushDirectory(string path) => inner.FlushDirectory(path);

    public void FlushAll() => inner.FlushAll();

    public WriterPresence FindWriters(string path)
    {
        LookingForWriters?.Invoke(path);
        return KernelTellsOfWriters ? inner.FindWriters(path) : WriterPresence.Unknown;
    }

    public void Dispose() => inner.Dispose();

    private sealed class HookedFile(HookedShard shard, IShardFile inner) : IShardFile
    {
        public string Path => inner.Path;

        public FileIdentity Identity => inner.Identity;

        public bool CanWrite => inner.CanWrite;

        public SafeFileHandle? Handle => inner.Handle;

        public IShardFile Reopen(ShardOpenOptions options) => new HookedFile(shard, inner.Reopen(options));

        public int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);

        public void Write(ReadOnlySpan<byte> buffer, long offset) => inner.Write(buffer, offset);

        public ShardFileInfo GetInfo() => inner.GetInfo();

        public void SetLength(long length) => inner.SetLength(length);

        public void WriteBack() => inner.WriteBack();

        public void PunchHole(long offset, long length)
        {
            shard.Punching?.Invoke(Path);
            inner.PunchHole(offset, length);
            shard.Punched?.Invoke(Path);
        }

        public bool TryFindData(long offset, out long start, out long end) => inner.TryFindData(offset, out start, out end);

        public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified) => inner.SetTimes(accessed, modified);

        public ShardTimestamp Touch() => inner.Touch();

        public void SetOwnership(UnixFileMode mode, uint userId, uint groupId) => inner.SetOwnership(mode, userId, groupId);

        public void Flush() => inner.Flush();

        public void Advise(FileAdvice advice, long offset = 0, long length = 0) => inner.Advise(advice, offset, length);

        public int ReadAttribute(string name, Span<byte> destination) => inner.ReadAttribute(name, destination);

        public void WriteAttribute(string name, ReadOnlySpan<byte> value) => inner.WriteAttribute(name, value);

        public bool RemoveAttribute(string name) => inner.RemoveAttribute(name);

        public LockResult TryLock(LockRange range, LockKind kind) => inner.TryLock(range, kind);

        public LockResult QueryLock(LockRange range, LockKind kind) => inner.QueryLock(range, kind);

        public LockResult Unlock(LockRange range) => inner.Unlock(range);

        public OpenerExclusion TryExcludeOpeners() => inner.TryExcludeOpeners();

        public void AdmitOpeners() => inner.AdmitOpeners();

        public void Dispose() => inner.Dispose();
    }
}
