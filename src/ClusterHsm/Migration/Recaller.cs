using System.Buffers;
using System.Collections.Concurrent;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Brings the data of stubs back, each once: one transfer in this process by sharing it, one in the cluster by the file's lock.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Recaller(MigrationContext context) : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const string RecallElsewhere =
        $"Have it recalled by its owner or root, or open it with {nameof(StubAccess)}.{nameof(StubAccess.ReadThrough)}";

    private readonly SemaphoreSlim _transfers = new(context.MaxConcurrentRecalls);
    private readonly Dictionary<ulong, SharedRecall> _underWay = [];

    /// <summary>Recalls the file that has a name.</summary>
    /// <inheritdoc cref="RecallAsync(IShardFile, CancellationToken)"/>
    public async Task<long> RecallAsync(string path, CancellationToken cancellationToken)
    {
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(path, ShardOpenOptions.Read), cancellationToken).ConfigureAwait(false);
        return await RecallAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Recalls a file that is open, whatever its name is by now.</summary>
    /// <returns>Bytes transferred; 0 if there was nothing to do, or another caller or node did it.</returns>
    /// <remarks>A caller who gives up disturbs no one: the transfer ends only when the last one has.</remarks>
    /// <exception cref="HsmAccessDeniedException">Permission to recall it is missing.</exception>
    /// <exception cref="ReadOnlyShardException">The shard is mounted read-only here.</exception>
    public async Task<long> RecallAsync(IShardFile known, CancellationToken cancellationToken)
    {
        // The transfer has a handle of its own: it may outlive this caller's.
        IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => Permitted(() => known.Reopen(ShardOpenOptions.ReadWrite), context.Display(known.Path)), cancellationToken)
            .ConfigureAwait(false);
        FileIdentity identity = file.Identity;
        bool isForWriting = known.CanWrite;
        SharedRecall shared;
        bool isFirst = false;
        lock (_underWay)
        {
            if (!_underWay.TryGetValue(identity.Inode, out shared!))
            {
                _underWay[identity.Inode] = shared = new SharedRecall();
                isFirst = true;
                shared.Task = Task.Run(() => RunAsync(file, isForWriting, shared), CancellationToken.None);
            }
            shared.Waiters++;
        }
        if (!isFirst)
            file.Dispose();
        try
        {
            long bytes = await shared.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return isFirst ? bytes : 0;
        }
        finally
        {
            bool isLast;
            lock (_underWay)
            {
                isLast = --shared.Waiters == 0;
                // Nobody may join a transfer that is about to be cancelled.
                if (isLast && _underWay.GetValueOrDefault(identity.Inode) == shared)
                    _underWay.Remove(identity.Inode);
            }
            if (isLast && !shared.Task.IsCompleted)
                await shared.Stop.CancelAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _transfers.Dispose();

    private async Task<long> RunAsync(IShardFile file, bool isForWriting, SharedRecall shared)
    {
        CancellationToken token = shared.Stop.Token;
        try
        {
            await _transfers.WaitAsync(token).ConfigureAwait(false);
            try
            {
                return await RecallOneAsync(file, isForWriting, token).ConfigureAwait(false);
            }
            finally
            {
                _transfers.Release();
            }
        }
        finally
        {
            lock (_underWay)
            {
                if (_underWay.GetValueOrDefault(file.Identity.Inode) == shared)
                    _underWay.Remove(file.Identity.Inode);
            }
            file.Dispose();
        }
    }

    private async Task<long> RecallOneAsync(IShardFile file, bool isForWriting, CancellationToken cancellationToken)
    {
        string display = context.Display(file.Path);
        FileLock fileLock = context.LockOf(file);
        LockResult locked = await fileLock.AcquireAsync(LockKind.Exclusive, context.LockTimeout, cancellationToken).ConfigureAwait(false);
        if (!locked.IsGranted)
            throw new FileBusyException(display, $"its lock was not granted within {context.LockTimeout} ({locked.Status})",
                "Another node recalls, releases or writes it; try again, or see 'clusterhsm nodes'");
        try
        {
            StubLook look = FileRecord.Look(file, display);
            return look.IsStub ? await FillAsync(file, fileLock, look.Record!, isForWriting, display, cancellationToken).ConfigureAwait(false) : 0;
        }
        finally
        {
            fileLock.Release();
        }
    }

    private async Task<long> FillAsync(
        IShardFile file, FileLock fileLock, StubRecord record, bool isForWriting, string display, CancellationToken cancellationToken)
    {
        ShardFileInfo info = file.GetInfo();
        if (info.Size != record.Size)
            throw new ForeignDataException(display, $"it is a stub of {record.Size} bytes, but its size is {info.Size}: a program changed it behind the library's back",
                "Nothing was changed. Keep a copy of what it holds now, set its size back, and recall it again");
        IObjectReader reader = await ObjectOpening.OpenAsync(context, record, display, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (record.State == FileState.Released)
                await RefuseForeignDataAsync(file, reader, display, cancellationToken).ConfigureAwait(false);
            bool startsOver = record.State == FileState.Recalling;
            // Whoever was cut off may have left the time of its last write; the record has the file's own.
            ShardTimestamp modified = startsOver ? record.Modified : info.Modified;
            // Before anything is changed: whoever may not put the times back must not touch them, unless to write is what he came for.
            bool keepsTimes = MayKeepTimes(file, info, modified, isForWriting, display);
            StubRecord recalling = record with { State = FileState.Recalling, Modified = modified };
            RequireLock(file, fileLock, record, display);
            FileRecord.Write(file, recalling);
            file.Flush();
            try
            {
                if (startsOver)
                {
                    file.PunchHole(0, info.Size);
                    PutTimesBack();
                }
                ContentDigest digest = await CopyAsync(
                    file, reader, () => RequireLock(file, fileLock, recalling, display), PutTimesBack, cancellationToken).ConfigureAwait(false);
                if (digest != record.Digest)
                    throw new DigestMismatchException(display, $"object {record.Key} has digest {digest}, but {record.Digest} was archived",
                        "The stub is as it was. Restore the object in the store from a backup; 'clusterhsm verify --deep' finds others");
                RequireLock(file, fileLock, recalling, display);
                PutTimesBack();
                // The times go back first, so that the record is never true of times that are not there yet.
                ShardFileInfo filled = file.GetInfo();
                FileRecord.Write(file, record with
                {
                    State = FileState.Archived,
                    Modified = keepsTimes ? modified : filled.Modified,
                    Changed = filled.Changed,
                });
                file.Flush();
                return record.Size;
            }
            catch when (fileLock.IsTrusted)
            {
                PutBack(file, record, info, modified);
                throw;
            }

            void PutTimesBack()
            {
                if (keepsTimes)
                    file.SetTimes(info.Accessed, modified);
            }
        }
    }

    private static bool MayKeepTimes(IShardFile file, in ShardFileInfo info, ShardTimestamp modified, bool isForWriting, string display)
    {
        try
        {
            file.SetTimes(info.Accessed, modified);
            return true;
        }
        catch (ShardIOException e) when (e.Error == ShardError.AccessDenied)
        {
            return isForWriting ? false : throw NotPermitted(display, e);
        }
    }

    private static T Permitted<T>(Func<T> action, string display)
    {
        try
        {
            return action();
        }
        catch (ShardIOException e) when (e.Error == ShardError.AccessDenied)
        {
            throw NotPermitted(display, e);
        }
        catch (ShardIOException e) when (e.Error == ShardError.ReadOnly)
        {
            throw new ReadOnlyShardException(display, "it is a stub, and cannot be recalled where the shard is mounted read-only", RecallElsewhere, e);
        }
    }

    private static HsmAccessDeniedException NotPermitted(string display, ShardIOException e) => new(display,
        "it is a stub, and who recalls it must own it and have write permission, because its data is written and its times are put back",
        RecallElsewhere, e);

    /// <summary>Makes it the stub that it was. If that fails too, it stays in the state recalling, from which a recall starts over.</summary>
    private static void PutBack(IShardFile file, StubRecord record, in ShardFileInfo info, ShardTimestamp modified)
    {
        try
        {
            file.PunchHole(0, info.Size);
            file.Flush();
            FileRecord.Write(file, record with { State = FileState.Released });
            file.SetTimes(info.Accessed, modified);
            file.Flush();
        }
        catch (ShardIOException)
        {
        }
    }

    /// <summary>
    /// What lies in a stub must be nothing, zeros, or the object's own bytes (a release that was cut off between the mark and the hole
    /// leaves those). Anything else was written behind the library's back, and is not overwritten.
    /// </summary>
    private static async Task RefuseForeignDataAsync(
        IShardFile file, IObjectReader reader, string display, CancellationToken cancellationToken)
    {
        byte[] here = ArrayPool<byte>.Shared.Rent(BufferSize), there = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; file.TryFindData(offset, out long start, out long end); offset = end)
            {
                for (long at = start; at < end;)
                {
                    int read = file.Read(here.AsSpan(0, (int)Math.Min(BufferSize, end - at)), at);
                    if (read == 0)
                        return;
                    if (here.AsSpan(0, read).ContainsAnyExcept((byte)0))
                    {
                        int got = await reader.ReadAsync(there.AsMemory(0, read), at, cancellationToken).ConfigureAwait(false);
                        if (got != read || !here.AsSpan(0, read).SequenceEqual(there.AsSpan(0, read)))
                            throw new ForeignDataException(display, $"it is a stub, but holds data at {at} to {at + read} that no recall wrote",
                                "Nothing was changed. Keep a copy of what it holds now, then empty it or restore it from a backup");
                    }
                    at += read;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(here);
            ArrayPool<byte>.Shared.Return(there);
        }
    }

    /// <summary>Copies by two buffers: one is hashed and written while the other is filled.</summary>
    private static async Task<ContentDigest> CopyAsync(
        IShardFile file, IObjectReader reader, Action requireLock, Action putTimesBack, CancellationToken cancellationToken)
    {
        int bufferSize = (int)Math.Min(BufferSize, reader.Length);
        byte[] filling = ArrayPool<byte>.Shared.Rent(bufferSize), emptying = ArrayPool<byte>.Shared.Rent(bufferSize);
        Task emptied = Task.CompletedTask;
        try
        {
            using ContentDigestBuilder digest = ContentDigest.Start();
            int read;
            for (long offset = 0; (read = await reader.ReadAsync(filling.AsMemory(0, bufferSize), offset, cancellationToken).ConfigureAwait(false)) > 0; offset += read)
            {
                await emptied.ConfigureAwait(false);
                (filling, emptying) = (emptying, filling);
                (byte[] piece, int length, long at) = (emptying, read, offset);
                // Threads of their own pay only for a whole buffer.
                if (length < BufferSize)
                {
                    digest.Append(piece.AsSpan(0, length));
                    Write(piece, length, at);
                }
                else
                {
                    emptied = Task.WhenAll(
                        Task.Run(() => digest.Append(piece.AsSpan(0, length)), CancellationToken.None),
                        Task.Run(() => Write(piece, length, at), CancellationToken.None));
                }
            }
            await emptied.ConfigureAwait(false);
            return digest.Finish();
        }
        finally
        {
            await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(emptying);
        }

        void Write(byte[] piece, int length, long at)
        {
            requireLock();
            if (SparseWriting.Write(file, piece.AsSpan(0, length), at))
                putTimesBack(); // a recall may take hours, and nobody is to take the file for changed
        }
    }

    /// <summary>R11: a lock that may be lost writes nothing, and one that was lost for a while only if nobody took the file on meanwhile.</summary>
    private static void RequireLock(IShardFile file, FileLock fileLock, StubRecord expected, string display)
    {
        // The look itself can outlast the lease: trusted at the end is what counts.
        while (!fileLock.IsTrusted && Rules.R11)
        {
            if (!fileLock.TryAcquire(LockKind.Exclusive).IsGranted || FileRecord.Read(file, display) != expected)
                throw new FileBusyException(display, "its lock was lost while it was recalled, and another node may own it now",
                    "Try again; a recall that was cut off starts over");
        }
    }

    private sealed class SharedRecall
    {
        public Task<long> Task { get; set; } = System.Threading.Tasks.Task.FromResult(0L);

        public CancellationTokenSource Stop { get; } = new();

        public int Waiters { get; set; }
    }
}
