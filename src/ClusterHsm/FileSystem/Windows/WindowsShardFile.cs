using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>An open regular file on Windows. Locks and attributes are in the other parts of this class.</summary>
internal sealed unsafe partial class WindowsShardFile : IShardFile
{
    /// <summary>
    /// A hole that reaches the end of the file is punched up to a multiple of this, so that the last unit, which the file fills in part
    /// only, is freed too. NTFS frees units of 16 clusters, which are at most 2 MiB each.
    /// </summary>
    private const long LargestUnit = 32L << 20;

    private readonly WindowsShardFileSystem _shard;
    private readonly SafeFileHandle _file;
    private SafeFileHandle? _duplicate;

    internal WindowsShardFile(WindowsShardFileSystem shard, SafeFileHandle file, string path, FileIdentity identity, ShardOpenOptions options)
    {
        _shard = shard;
        _file = file;
        Path = path;
        Identity = identity;
        CanWrite = (options & ShardOpenOptions.Write) != 0;
        _locks = new HandleLocks(file, (options & ShardOpenOptions.Read) != 0, CanWrite);
    }

    public string Path { get; }

    public FileIdentity Identity { get; }

    public bool CanWrite { get; }

    /// <summary>
    /// A duplicate of the handle, made when it is first asked for and closed with this file. It stands for the same file object, so that
    /// locks end with the last of the two.
    /// </summary>
    public SafeFileHandle Handle
    {
        get
        {
            SafeFileHandle? known = Volatile.Read(ref _duplicate);
            if (known is { IsClosed: false }) // a FileStream that was given it closes it
                return known;
            nint process = WindowsNative.GetCurrentProcess();
            nint duplicate;
            if (!WindowsNative.DuplicateHandle(process, _file, process, &duplicate, 0, 0, WindowsConstants.SameAccess))
                throw Failure("duplicate the handle of", WindowsNative.LastError);
            SafeFileHandle made = new(duplicate, ownsHandle: true);
            SafeFileHandle? winner = Interlocked.CompareExchange(ref _duplicate, made, known);
            if (winner == known)
                return made;
            made.Dispose();
            return winner!;
        }
    }

    public IShardFile Reopen(ShardOpenOptions options) => _shard.Reopen(_file, Path, Identity, options);

    public int Read(Span<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (buffer.Length > long.MaxValue - offset) // no file reaches so far
            buffer = buffer[..(int)(long.MaxValue - offset)];
        Check(PositionalAccess.Read(_file, buffer, offset, out int done), "read");
        return done;
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        Check(PositionalAccess.Write(_file, buffer, offset), "write to");
    }

    public ShardFileInfo GetInfo()
    {
        Check(WindowsFacts.Ask(_file, _shard.Volume, _shard.Features, out ShardFileInfo info), "look at");
        return info;
    }

    /// <inheritdoc/>
    /// <remarks>A file that grows is made sparse first, where that can be: else NTFS gives it all of its clusters at once.</remarks>
    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (CanWrite && length > Size())
            _ = _shard.Features.MakeSparse(_file);
        if (!WindowsNative.SetFileInformationByHandle(_file, WindowsConstants.EndOfFileInfo, &length, sizeof(long)))
            throw Failure("set the length of", WindowsNative.LastError);
    }

    public void PunchHole(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
            return;
        long end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
        if (end >= Size() && end < long.MaxValue - LargestUnit)
            end = (end + LargestUnit - 1) / LargestUnit * LargestUnit;
        int error = _shard.Features.MakeSparse(_file);
        if (error == Win32Error.None)
            error = _shard.Features.Zero(_file, offset, end);
        if (WindowsErrors.KindOf(error) == ShardError.NotSupported)
            _shard.LearnThatHolesCannotBePunched();
        Check(error, "punch a hole in");
    }

    public bool TryFindData(long offset, out long start, out long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        long size = Size();
        start = end = offset;
        if (offset >= size)
            return false;
        int error = _shard.Features.FindData(_file, offset, size, out start, out end);
        if (WindowsErrors.KindOf(error) == ShardError.NotSupported)
            (start, end) = (offset, size); // this file system cannot tell data from holes
        else
            Check(error, "look for data in");
        return end > start;
    }

    public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified)
    {
        if (!WindowsTime.TryFrom(accessed, out long accessedTicks) || !WindowsTime.TryFrom(modified, out long modifiedTicks))
            throw new ShardIOException(ShardError.TooLarge, "set the times of", _shard.FullPath(Path), "Windows keeps times from 1601 on");
        SetTimes(accessedTicks, modifiedTicks);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// There is no call that says "now": but a change of the times is itself stamped with ChangeTime, by the clock of whoever keeps the
    /// file, which is a server's on a network volume.
    /// </remarks>
    public ShardTimestamp Touch()
    {
        long now = DateTime.UtcNow.ToFileTimeUtc();
        SetTimes(now, now);
        FileBasicInfo facts;
        if (!WindowsNative.GetFileInformationByHandleEx(_file, WindowsConstants.BasicInfo, &facts, (uint)sizeof(FileBasicInfo)))
            throw Failure("touch", WindowsNative.LastError);
        SetTimes(facts.Changed, facts.Changed);
        return WindowsTime.ToShardTimestamp(facts.Changed);
    }

    /// <inheritdoc/>
    /// <exception cref="ShardIOException">Always: <see cref="ShardError.NotSupported"/> (<see cref="ShardCapabilities.KeepsPermissionBits"/>).</exception>
    public void SetOwnership(UnixFileMode mode, uint userId, uint groupId) => throw new ShardIOException(
        ShardError.NotSupported, "change the permissions of", _shard.FullPath(Path), "Windows has access control lists, and neither permission bits nor numbers of users");

    public void MarkOffline(bool isOffline)
    {
        int error = _shard.Features.SetOffline(_file, isOffline);
        if (WindowsErrors.KindOf(error) != ShardError.NotSupported)
            Check(error, "mark as offline");
    }

    public void Flush()
    {
        if (!WindowsNative.FlushFileBuffers(_file))
            throw Failure("flush", WindowsNative.LastError);
    }

    /// <inheritdoc/>
    /// <remarks>FlushFileBuffers writes dirty pages of mappings too. It does not promise that the next write through one moves a time.</remarks>
    public void WriteBack()
    {
        if (CanWrite)
            Flush();
    }

    /// <inheritdoc/>
    /// <remarks>Windows takes such hints only when a file is opened; nothing is done.</remarks>
    public void Advise(FileAdvice advice, long offset = 0, long length = 0)
    {
    }

    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        _locks.UnlockAll();
        Interlocked.Exchange(ref _duplicate, null)?.Dispose();
        _file.Dispose();
    }

    private long Size()
    {
        FileStandardInfo facts;
        if (!WindowsNative.GetFileInformationByHandleEx(_file, WindowsConstants.StandardInfo, &facts, (uint)sizeof(FileStandardInfo)))
            throw Failure("look at", WindowsNative.LastError);
        return facts.EndOfFile;
    }

    private void SetTimes(long accessed, long modified)
    {
        FileBasicInfo times = new() { Accessed = accessed, Written = modified };
        if (!WindowsNative.SetFileInformationByHandle(_file, WindowsConstants.BasicInfo, &times, (uint)sizeof(FileBasicInfo)))
            throw Failure("set the times of", WindowsNative.LastError);
    }

    private void Check(int error, string operation)
    {
        if (error != Win32Error.None)
            throw Failure(operation, error);
    }

    private ShardIOException Failure(string operation, int error) => WindowsErrors.Failure(operation, _shard.FullPath(Path), error);
}
