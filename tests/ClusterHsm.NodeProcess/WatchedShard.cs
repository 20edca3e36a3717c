using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.NodeProcess;

/// <summary>A shard that lets a test in at the points where a race has to be won.</summary>
/// <param name="inner">The shard.</param>
/// <param name="clock">Another clock than the shard's own.</param>
internal sealed class WatchedShard(IShardFileSystem inner, TimeProvider? clock = null) : IShardFileSystem
{
    /// <summary>Called before each step that changes the shard or makes a change durable: what it does, and the path.</summary>
    public Action<string, string>? Changing { get; set; }

    public Action<string>? Opening { get; set; }

    /// <summary>Says which files are marked as offline, on a file system that has no such mark.</summary>
    public Func<string, bool>? OfflineFiles { get; set; }

    /// <summary>Called before a name is looked at without being opened.</summary>
    public Action<string>? Naming { get; set; }

    /// <summary>
    /// Called before a file is opened for writing, but not for the shard's own files nor for what it does itself. A release begins with that, once the handover has begun: its
    /// looks before are over.
    /// </summary>
    public Action<string>? OpeningToWrite { get; set; }

    public Action<string>? LookingForWriters { get; set; }

    /// <summary>False makes it a file system on which the kernel cannot say who writes, nor keep anyone out.</summary>
    public bool KernelTellsOfWriters { get; set; } = true;

    /// <summary>The file is marked as a stub and has all of its data.</summary>
    public Action<string>? Punching { get; set; }

    /// <summary>The file is a stub; its release has not ended.</summary>
    public Action<string>? Punched { get; set; }

    /// <summary>Called before each read of data: path and offset.</summary>
    public Action<string, long>? BeforeRead { get; set; }

    /// <summary>Called when the kernel is told how a file will be read.</summary>
    public Action<string, FileAdvice>? Advising { get; set; }

    /// <summary>
    /// Called in the middle of each read of data, path and offset: the file system delivers it in two parts, as a large one may be.
    /// </summary>
    public Action<string, long>? HalfWayRead { get; set; }

    /// <summary>Called after an extended attribute of an open file has been read, and before the caller has it.</summary>
    public Action<string>? AfterLook { get; set; }

    /// <summary>Called after an extended attribute has been written, and before the caller hears of it.</summary>
    public Action<string>? AfterRecord { get; set; }

    /// <summary>Asked before each lock call: an answer in place of the file system's, or null.</summary>
    public Func<string, LockResult?>? Locking { get; set; }

    /// <summary>Called when a lock that was asked for is somebody else's.</summary>
    public Action<string>? AfterDenial { get; set; }

    public string Root => inner.Root;

    public TimeProvider Clock { get; } = clock ?? inner.Clock;

    public ShardCapabilities Capabilities => inner.Capabilities;

    public IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode)
    {
        Opening?.Invoke(path);
        if (options.HasFlag(ShardOpenOptions.Write) && OpeningToWrite is { } told && !path.StartsWith(".clusterhsm", StringComparison.Ordinal))
        {
            OpeningToWrite = null;
            told(path);
            OpeningToWrite = told;
        }
        if (options.HasFlag(ShardOpenOptions.Create))
            Changing?.Invoke("create", path);
        return new WatchedFile(inner.Open(path, options, creationMode), this);
    }

    public ShardFileInfo? GetInfo(string path)
    {
        Naming?.Invoke(path);
        return inner.GetInfo(path);
    }

    public bool IsOffline(string path) => OfflineFiles?.Invoke(path) ?? inner.IsOffline(path);

    public byte[]? ReadAttribute(string path, string name)
    {
        Naming?.Invoke(path);
        return inner.ReadAttribute(path, name);
    }

    public IEnumerable<ShardEntry> ReadDirectory(string path) => inner.ReadDirectory(path);

    public bool CreateDirectory(string path, UnixFileMode mode)
    {
        Changing?.Invoke("create folder", path);
        return inner.CreateDirectory(path, mode);
    }

    public void Delete(string path)
    {
        Changing?.Invoke("delete", path);
        inner.Delete(path);
    }

    public void Rename(string from, string to)
    {
        Changing?.Invoke("rename to", to);
        inner.Rename(from, to);
    }

    public void FlushDirectory(string path)
    {
        Changing?.Invoke("flush folder", path);
        inner.FlushDirectory(path);
    }

    public void FlushAll()
    {
        Changing?.Invoke("flush all", "");
        inner.FlushAll();
    }

    public WriterPresence FindWriters(string path)
    {
        LookingForWriters?.Invoke(path);
        return KernelTellsOfWriters ? inner.FindWriters(path) : WriterPresence.Unknown;
    }

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
            if (hooks.HalfWayRead is not { } halfWay)
                return file.Read(buffer, offset);
            int half = file.Read(buffer[..(buffer.Length / 2)], offset);
            halfWay(Path, offset);
            return half + file.Read(buffer[half..], offset + half);
        }

        public void Write(ReadOnlySpan<byte> buffer, long offset)
        {
            hooks.Changing?.Invoke("write", Path);
            file.Write(buffer, offset);
        }

        public ShardFileInfo GetInfo() => file.GetInfo();

        public void SetLength(long length)
        {
            hooks.Changing?.Invoke("set length", Path);
            file.SetLength(length);
        }

        public void WriteBack() => file.WriteBack();

        public void PunchHole(long offset, long length)
        {
            hooks.Changing?.Invoke("punch", Path);
            hooks.Punching?.Invoke(Path);
            file.PunchHole(offset, length);
            hooks.Punched?.Invoke(Path);
        }

        public bool TryFindData(long offset, out long start, out long end) => file.TryFindData(offset, out start, out end);

        public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified)
        {
            hooks.Changing?.Invoke("set times", Path);
            file.SetTimes(accessed, modified);
        }

        public ShardTimestamp Touch()
        {
            hooks.Changing?.Invoke("touch", Path);
            return file.Touch();
        }

        public void SetOwnership(UnixFileMode mode, uint userId, uint groupId)
        {
            hooks.Changing?.Invoke("set owner", Path);
            file.SetOwnership(mode, userId, groupId);
        }

        public void Flush()
        {
            hooks.Changing?.Invoke("flush", Path);
            file.Flush();
        }

        public IShardFile Reopen(ShardOpenOptions options) => new WatchedFile(file.Reopen(options), hooks);

        public void Advise(FileAdvice advice, long offset = 0, long length = 0)
        {
            hooks.Advising?.Invoke(Path, advice);
            file.Advise(advice, offset, length);
        }

        public int ReadAttribute(string name, Span<byte> destination)
        {
            int length = file.ReadAttribute(name, destination);
            hooks.AfterLook?.Invoke(Path);
            return length;
        }

        public void WriteAttribute(string name, ReadOnlySpan<byte> value)
        {
            hooks.Changing?.Invoke("write record", Path);
            file.WriteAttribute(name, value);
            hooks.AfterRecord?.Invoke(Path);
        }

        public bool RemoveAttribute(string name)
        {
            hooks.Changing?.Invoke("remove record", Path);
            return file.RemoveAttribute(name);
        }

        public LockResult TryLock(LockRange range, LockKind kind)
        {
            LockResult answer = hooks.Locking?.Invoke(Path) ?? file.TryLock(range, kind);
            if (answer.Status == LockStatus.Denied)
                hooks.AfterDenial?.Invoke(Path);
            return answer;
        }

        public LockResult QueryLock(LockRange range, LockKind kind) => hooks.Locking?.Invoke(Path) ?? file.QueryLock(range, kind);

        public LockResult Unlock(LockRange range) => file.Unlock(range);

        public OpenerExclusion TryExcludeOpeners() => hooks.KernelTellsOfWriters ? file.TryExcludeOpeners() : OpenerExclusion.NotSupported;

        public void AdmitOpeners() => file.AdmitOpeners();

        public void Dispose() => file.Dispose();
    }
}
