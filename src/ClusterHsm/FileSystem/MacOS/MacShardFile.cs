using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>An open regular file on macOS. Locks and attributes are in the other parts of this class.</summary>
internal sealed unsafe partial class MacShardFile : IShardFile
{
    private readonly MacShardFileSystem _shard;
    private readonly IDarwin _darwin;
    private readonly SafeFileHandle _file;
    private SafeFileHandle? _duplicate;

    internal MacShardFile(MacShardFileSystem shard, SafeFileHandle file, string path, FileIdentity identity, bool canWrite)
    {
        _shard = shard;
        _darwin = shard.Darwin;
        _file = file;
        Path = path;
        Identity = identity;
        CanWrite = canWrite;
    }

    public string Path { get; }

    public FileIdentity Identity { get; }

    public bool CanWrite { get; }

    /// <summary>
    /// A duplicate of the descriptor, made when it is first asked for and closed with this file. It shares the open file, so the locks too,
    /// and keeps its own number: calls under way on it when this file is disposed end on the right file.
    /// </summary>
    public SafeFileHandle Handle
    {
        get
        {
            SafeFileHandle? known = Volatile.Read(ref _duplicate);
            if (known is { IsClosed: false }) // a FileStream that was given it closes it
                return known;
            int descriptor = _darwin.Control(_file, DarwinConstants.DuplicateCloseOnExec, 0);
            if (descriptor < 0)
                throw Failure("duplicate the descriptor of", -descriptor);
            SafeFileHandle made = new(descriptor, ownsHandle: true);
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
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                long answer = _darwin.Read(_file, start + done, (nuint)(buffer.Length - done), offset + done);
                if (answer > 0)
                    done += (int)answer;
                else if (answer == 0 || (answer == -DarwinErrno.Invalid && buffer.Length > long.MaxValue - offset))
                    break; // at the end, or where no file reaches: the end of the buffer has no number there
                else if (answer != -DarwinErrno.Interrupted)
                    throw Failure("read", (int)-answer);
            }
            return done;
        }
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                long answer = _darwin.Write(_file, start + done, (nuint)(buffer.Length - done), offset + done);
                if (answer > 0)
                    done += (int)answer;
                else if (answer == 0)
                    throw Failure("write to", DarwinErrno.NoSpace); // POSIX leaves this open; going round again might never end
                else if (answer != -DarwinErrno.Interrupted)
                    throw Failure("write to", (int)-answer);
            }
        }
    }

    public ShardFileInfo GetInfo() => Stat().ToInfo(_shard.Device);

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int answer;
        do
            answer = _darwin.Truncate(_file, length);
        while (answer == -DarwinErrno.Interrupted);
        // ftruncate(2) answers EINVAL for a descriptor that was not opened for writing.
        Check(answer == -DarwinErrno.Invalid && !CanWrite ? -DarwinErrno.BadDescriptor : answer, "set the length of");
    }

    /// <inheritdoc/>
    /// <remarks>See <see cref="DarwinHoles"/>: blocks that are covered in part stay allocated, with zeros in them.</remarks>
    public void PunchHole(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
            return;
        long end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
        int errno = DarwinHoles.Punch(_darwin, _file, offset, end, Stat().Size, _shard.BlockSize);
        if (errno == DarwinErrno.None)
            return;
        if (DarwinErrors.KindOf(errno) == ShardError.NotSupported)
            _shard.LearnThatHolesCannotBePunched();
        throw Failure("punch a hole in", errno);
    }

    /// <inheritdoc/>
    /// <remarks>It moves the descriptor's file pointer, which nothing here uses.</remarks>
    public bool TryFindData(long offset, out long start, out long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        long found = _darwin.Seek(_file, offset, DarwinConstants.SeekData);
        long stop = found < 0 ? found : _darwin.Seek(_file, Math.Max(found, offset), DarwinConstants.SeekHole);
        (start, end) = (Math.Max(found, offset), stop);
        if (stop > start)
            return true;
        start = offset;
        end = offset;
        switch (stop)
        {
            case -DarwinErrno.NoDeviceOrAddress: // only a hole follows, or the end, or the file was cut between the two calls
                return false;
            case >= 0 or -DarwinErrno.Invalid or -DarwinErrno.NotSupported or -DarwinErrno.NotATerminal: // it cannot tell data from holes
                end = Math.Max(offset, Stat().Size);
                return end > start;
            default:
                throw Failure("look for data in", (int)-stop);
        }
    }

    public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified)
    {
        DarwinTime* times = stackalloc DarwinTime[2];
        times[0] = new DarwinTime { Seconds = accessed.Seconds, Nanoseconds = accessed.Nanoseconds };
        times[1] = new DarwinTime { Seconds = modified.Seconds, Nanoseconds = modified.Nanoseconds };
        Check(_darwin.SetTimes(_file, times), "set the times of");
    }

    public ShardTimestamp Touch()
    {
        DarwinTime* now = stackalloc DarwinTime[2];
        now[0] = now[1] = new DarwinTime { Nanoseconds = DarwinConstants.Now };
        Check(_darwin.SetTimes(_file, now), "touch");
        return Stat().Modified.ToShardTimestamp();
    }

    /// <inheritdoc/>
    /// <remarks>Owner and group are left alone when they are already right, which needs no privilege; otherwise a refusal is an error
    /// and nothing is changed. The owner goes first, because changing it clears set-user-ID bits.</remarks>
    public void SetOwnership(UnixFileMode mode, uint userId, uint groupId)
    {
        DarwinStat now = Stat();
        if (now.UserId != userId || now.GroupId != groupId)
            Check(_darwin.SetOwner(_file, userId, groupId), "change the owner of");
        Check(_darwin.SetMode(_file, (uint)mode & DarwinConstants.PermissionMask), "change the permissions of");
    }

    /// <inheritdoc/>
    /// <remarks>fsync(2) of macOS leaves data in the disk's own cache; F_FULLFSYNC does not (fsync(2), fcntl(2)).</remarks>
    public void Flush() => Check(DarwinFlush.Durably(_darwin, _file), "flush");

    /// <inheritdoc/>
    /// <remarks>fsync(2) writes dirty pages of mappings too. It does not promise that the next write through one moves a time.</remarks>
    public void WriteBack() => Check(DarwinFlush.ToDisk(_darwin, _file), "flush");

    /// <inheritdoc/>
    /// <remarks>F_RDAHEAD, F_RDADVISE. There is no way to give up single pages: F_NOCACHE would hold for all that is read later.</remarks>
    public void Advise(FileAdvice advice, long offset = 0, long length = 0)
    {
        if (_file.IsClosed)
            return;
        if (advice == FileAdvice.Sequential)
        {
            _ = _darwin.Control(_file, DarwinConstants.SetReadAhead, 1);
        }
        else if (advice == FileAdvice.WillNeed)
        {
            DarwinReadAdvice range = new() { Offset = offset, Count = length is > 0 and < int.MaxValue ? (int)length : int.MaxValue };
            _ = _darwin.Control(_file, DarwinConstants.AdviseRead, (nint)(&range));
        }
    }

    public void Dispose()
    {
        if (_file.IsClosed)
            return;
        GiveLocksBack();
        Interlocked.Exchange(ref _duplicate, null)?.Dispose();
        _file.Dispose();
    }

    private DarwinStat Stat()
    {
        int errno = _shard.Ask(_file, out DarwinStat facts);
        return errno == DarwinErrno.None ? facts : throw Failure("look at", errno);
    }

    private void Check(int answer, string operation)
    {
        if (answer < 0)
            throw Failure(operation, -answer);
    }

    private ShardIOException Failure(string operation, int errno) => DarwinErrors.Failure(operation, _shard.FullPath(Path), errno);
}
