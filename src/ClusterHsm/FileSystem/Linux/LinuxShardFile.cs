using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>An open regular file on Linux. Locks, leases and attributes are in the other parts of this class.</summary>
internal sealed unsafe partial class LinuxShardFile : IShardFile
{
    private const int UtimeNow = (1 << 30) - 1;

    /// <summary>
    /// A hole that reaches the end of the file is punched up to a multiple of this, so that the last block, which the file fills in
    /// part only, is freed and not just zeroed. No file system here has larger blocks.
    /// </summary>
    private const long LargestBlock = 1 << 20;

    private readonly LinuxShardFileSystem _shard;
    private readonly LinuxFileHandle _file;
    private SafeFileHandle? _duplicate;

    internal LinuxShardFile(LinuxShardFileSystem shard, LinuxFileHandle file, string path, FileIdentity identity, bool canWrite)
    {
        _shard = shard;
        _file = file;
        Path = path;
        Identity = identity;
        CanWrite = canWrite;
    }

    public string Path { get; }

    public FileIdentity Identity { get; }

    public bool CanWrite { get; }

    /// <summary>
    /// A duplicate of the descriptor, made when it is first asked for and closed with this file. It shares the open file description,
    /// so the locks too, and keeps its own number: calls under way on it when this file is disposed end on the right file.
    /// </summary>
    public SafeFileHandle Handle
    {
        get
        {
            SafeFileHandle? known = Volatile.Read(ref _duplicate);
            if (known is { IsClosed: false }) // a FileStream that was given it closes it
                return known;
            int descriptor = LinuxNative.FCntl(_file, LinuxConstants.DuplicateCloseOnExec, 0);
            if (descriptor < 0)
                throw Failure("duplicate the descriptor of", LinuxNative.LastError);
            SafeFileHandle made = new(descriptor, ownsHandle: true);
            SafeFileHandle? winner = Interlocked.CompareExchange(ref _duplicate, made, known);
            if (winner == known)
                return made;
            CloseDuplicate(made);
            return winner!;
        }
    }

    public IShardFile Reopen(ShardOpenOptions options) => _shard.Reopen(_file, Path, Identity, options);

    public int Read(Span<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        int descriptor = _file.Hold();
        int done = 0;
        int errno = Errno.None;
        fixed (byte* start = buffer)
        {
            while (done < buffer.Length)
            {
                nint read = LinuxNative.PRead(descriptor, start + done, (nuint)(buffer.Length - done), offset + done);
                if (read > 0)
                    done += (int)read;
                else if (read == 0)
                    break;
                else if (LinuxNative.FreshError is int failure && failure != Errno.Interrupted)
                {
                    if (failure == Errno.Invalid && buffer.Length > long.MaxValue - offset)
                        break; // the end of the buffer has no number, and no file reaches so far
                    errno = failure;
                    break;
                }
            }
        }
        _file.LetGo();
        return errno == Errno.None ? done : throw Failure("read", errno);
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint written = LinuxNative.PWrite(_file, start + done, (nuint)(buffer.Length - done), offset + done);
                if (written > 0)
                    done += (int)written;
                else if (written == 0)
                    throw Failure("write to", Errno.NoSpace); // POSIX leaves this open; going round again might never end
                else if (LinuxNative.LastError is int errno && errno != Errno.Interrupted)
                    throw Failure("write to", errno);
            }
        }
    }

    public ShardFileInfo GetInfo() => Stat(LinuxConstants.StatBasic).ToInfo(_shard.Device);

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int result;
        do
            result = LinuxNative.FTruncate(_file, length);
        while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        if (result == 0)
            return;
        int errno = LinuxNative.LastError;
        // ftruncate(2) answers EINVAL for a descriptor that was not opened for writing.
        throw Failure("set the length of", errno == Errno.Invalid && !CanWrite ? Errno.BadDescriptor : errno);
    }

    public void PunchHole(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
            return;
        long end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
        long size = (long)Stat(LinuxConstants.StatSize).Size;
        long beyond = end >= size && end < long.MaxValue - LargestBlock ? (end + LargestBlock - 1) / LargestBlock * LargestBlock : end;
        int errno = Punch(offset, beyond);
        if (errno is Errno.FileTooBig or Errno.Invalid && beyond != end)
            errno = Punch(offset, end);
        if (errno == Errno.None)
            return;
        if (LinuxErrors.KindOf(errno) == ShardError.NotSupported)
            _shard.LearnThatHolesCannotBePunched();
        throw Failure("punch a hole in", errno);
    }

    /// <inheritdoc/>
    /// <remarks>It moves the descriptor's file pointer, which nothing here uses.</remarks>
    public bool TryFindData(long offset, out long start, out long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        start = LinuxNative.LSeek(_file, offset, LinuxConstants.SeekData);
        end = start < 0 ? start : LinuxNative.LSeek(_file, start, LinuxConstants.SeekHole);
        if (end >= 0)
            return true;
        int errno = LinuxNative.LastError;
        start = offset;
        end = offset;
        switch (errno)
        {
            case Errno.NoDeviceOrAddress: // ENXIO: only a hole follows, or the end, or the file was cut between the two calls
                return false;
            case Errno.Invalid or Errno.NotSupported: // this file system cannot tell data from holes
                end = Math.Max(offset, (long)Stat(LinuxConstants.StatSize).Size);
                return end > start;
            default:
                throw Failure("look for data in", errno);
        }
    }

    public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = new TimeSpec { Seconds = accessed.Seconds, Nanoseconds = accessed.Nanoseconds };
        times[1] = new TimeSpec { Seconds = modified.Seconds, Nanoseconds = modified.Nanoseconds };
        Check(LinuxNative.FUtimeNs(_file, times), "set the times of");
    }

    public ShardTimestamp Touch()
    {
        TimeSpec* now = stackalloc TimeSpec[2];
        now[0] = now[1] = new TimeSpec { Nanoseconds = UtimeNow };
        Check(LinuxNative.FUtimeNs(_file, now), "touch");
        return Stat(LinuxConstants.StatModified).Modified.ToShardTimestamp();
    }

    /// <inheritdoc/>
    /// <remarks>Owner and group are left alone when they are already right, which needs no privilege; otherwise a refusal is an error
    /// and nothing is changed. The owner goes first, because changing it clears set-user-ID bits.</remarks>
    public void SetOwnership(UnixFileMode mode, uint userId, uint groupId)
    {
        StatxBuffer now = Stat(LinuxConstants.StatBasic);
        if (now.UserId != userId || now.GroupId != groupId)
            Check(LinuxNative.FChown(_file, userId, groupId), "change the owner of");
        Check(LinuxNative.FChmod(_file, (uint)mode & LinuxConstants.PermissionMask), "change the permissions of");
    }

    public void Flush()
    {
        int result;
        do
            result = LinuxNative.FSync(_file);
        while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        Check(result, "flush");
    }

    /// <inheritdoc/>
    /// <remarks>
    /// sync_file_range(2) writes the pages back without the flush of the disk's cache that fsync(2) waits for, and writing back
    /// write-protects them (clear_page_dirty_for_io), so that the next write faults and moves mtime (file_update_time).
    /// </remarks>
    public void WriteBack()
    {
        const uint waitBeforeWriteWaitAfter = 7;
        int result;
        do
            result = LinuxNative.SyncFileRange(_file, 0, 0, waitBeforeWriteWaitAfter);
        while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        if (result != 0)
            Flush();
    }

    public void Advise(FileAdvice advice, long offset = 0, long length = 0)
    {
        int posix = advice switch // POSIX_FADV_… of fcntl.h
        {
            FileAdvice.Sequential => 2,
            FileAdvice.WillNeed => 3,
            FileAdvice.DontNeed => 4,
            _ => 0,
        };
        if (!_file.IsClosed)
            _ = LinuxNative.PosixFAdvise(_file, offset, length, posix);
    }

    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        GiveLocksBack();
        if (Interlocked.Exchange(ref _duplicate, null) is { } duplicate)
            CloseDuplicate(duplicate);
        _file.Dispose();
    }

    private int Punch(long offset, long end)
    {
        int result;
        do
            result = LinuxNative.FAllocate(_file, LinuxConstants.PunchKeepingSize, offset, end - offset);
        while (result != 0 && LinuxNative.LastError == Errno.Interrupted);
        return result == 0 ? Errno.None : LinuxNative.LastError;
    }

    private void CloseDuplicate(SafeFileHandle duplicate)
    {
        if (_file.Account is { } account)
            account.CloseDuplicate(duplicate);
        else
            duplicate.Dispose();
    }

    private StatxBuffer Stat(uint mask)
    {
        int errno = LinuxStat.Of(_file, mask, LinuxConstants.ForceSync, out StatxBuffer buffer);
        return errno == Errno.None ? buffer : throw Failure("look at", errno);
    }

    private void Check(int result, string operation)
    {
        if (result != 0)
            throw Failure(operation, LinuxNative.LastError);
    }

    private ShardIOException Failure(string operation, int errno) => LinuxErrors.Failure(operation, _shard.FullPath(Path), errno);
}
