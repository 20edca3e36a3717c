using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Brings the data of stubs back, each once: one transfer in this process by sharing it, one in the cluster by the file's lock.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Recaller(MigrationContext context)
{
    private readonly RecallPlaces _readers = new(context.MaxConcurrentRecalls);
    private readonly Dictionary<ulong, SharedRecall> _underWay = [];

    /// <summary>Recalls that wait for their turn or run at this moment.</summary>
    public int UnderWay
    {
        get
        {
            lock (_underWay)
                return _underWay.Count;
        }
    }

    /// <summary>Recalls the file that has a name, if it is a stub.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="places">Whose turn it waits for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="RecallAsync(IShardFile, CancellationToken)"/>
    public async Task<long> RecallAsync(string path, RecallPlaces places, CancellationToken cancellationToken)
    {
        if (ForeignStub.IsAt(context.Shard, path))
            return 0;
        using IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => context.Shard.Open(path, ShardOpenOptions.Read), cancellationToken).ConfigureAwait(false);
        StubLook look = FileRecord.Look(file, context.Display(path), context.Seal);
        if (!look.IsStub)
            return 0;
        TransferSlot slot = new(places.Transfers);
        // Known to no reader of this process until its turn has come: he would wait for the list.
        if (IsLarge(look.Record!.Size))
            await slot.TakeAsync(cancellationToken).ConfigureAwait(false);
        return await RecallAsync(file, places, slot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Recalls a file that is open, whatever its name is by now.</summary>
    /// <returns>Bytes transferred; 0 if there was nothing to do, or another caller or node did it.</returns>
    /// <remarks>
    /// A caller who gives up disturbs no one: the transfer ends only when the last one has, who waits until the stub is as it was.
    /// </remarks>
    /// <exception cref="HsmAccessDeniedException">Permission to recall it, or to read the shard's key, is missing.</exception>
    /// <exception cref="ReadOnlyShardException">The shard is mounted read-only here.</exception>
    public Task<long> RecallAsync(IShardFile known, CancellationToken cancellationToken) =>
        RecallAsync(known, _readers, new TransferSlot(_readers.Transfers), cancellationToken);

    /// <param name="known">The file.</param>
    /// <param name="places">Whose turn it waits for.</param>
    /// <param name="slot">Its place among the transfers, held or not; given up at the end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<long> RecallAsync(IShardFile known, RecallPlaces places, TransferSlot slot, CancellationToken cancellationToken)
    {
        IShardFile file;
        try
        {
            context.Seal.RequireKey(); // before anything is changed: a recall writes records
            // The transfer has a handle of its own: it may outlive this caller's.
            file = await AdmittedOpening.OpenAsync(
                context, () => RecallPermission.Reopen(known, context.Display(known.Path)), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            slot.Dispose();
            throw;
        }
        FileIdentity identity = file.Identity;
        SharedRecall shared;
        bool isFirst = false;
        lock (_underWay)
        {
            if (!_underWay.TryGetValue(identity.Inode, out shared!))
            {
                _underWay[identity.Inode] = shared = new SharedRecall();
                isFirst = true;
                shared.Task = Task.Run(
                    () => RecallReport.RunAsync(context, file.Path, () => RunAsync(file, places, slot, shared)), CancellationToken.None);
            }
            shared.Waiters++;
            shared.IsForWriting |= known.CanWrite;
        }
        if (!isFirst)
        {
            file.Dispose();
            slot.Dispose();
        }
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
            {
                await shared.Stop.CancelAsync().ConfigureAwait(false);
                // Until the stub is as it was: whoever has cancelled may end the process next.
                await ((Task)shared.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<long> RunAsync(IShardFile file, RecallPlaces places, TransferSlot slot, SharedRecall shared)
    {
        CancellationToken token = shared.Stop.Token;
        try
        {
            await places.UnderWay.WaitAsync(token).ConfigureAwait(false);
            try
            {
                return await RecallOneAsync(file, places, slot, shared).ConfigureAwait(false);
            }
            finally
            {
                places.UnderWay.Release();
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
            slot.Dispose();
        }
    }

    private async Task<long> RecallOneAsync(IShardFile file, RecallPlaces places, TransferSlot slot, SharedRecall shared)
    {
        CancellationToken cancellationToken = shared.Stop.Token;
        string display = context.Display(file.Path);
        FileLock fileLock = context.LockOf(file);
        // A large file is not locked while it waits for its turn, which may take hours: another node may have it meanwhile.
        if (IsLarge(file.GetInfo().Size))
            await slot.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (!fileLock.TryAcquire(LockKind.Exclusive).IsGranted)
        {
            slot.GiveUp();
            await context.LockAsync(fileLock, LockKind.Exclusive, display, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            StubRecord? record = FileRecord.Read(file, display, context.Seal);
            ShardFileInfo info = file.GetInfo();
            if (!FileRecord.IsStub(record, info))
                return 0;
            return await new RecallJob(context, file, info, fileLock, record!, () => shared.IsForWriting)
                .RunAsync(slot, places.ToldOf(file.Path), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            fileLock.Release();
        }
    }

    /// <summary>Whether its transfer takes long enough to matter to those who wait.</summary>
    private static bool IsLarge(long size) => size >= FileFill.BufferSize;

    private sealed class SharedRecall
    {
        public Task<long> Task { get; set; } = System.Threading.Tasks.Task.FromResult(0L);

        public CancellationTokenSource Stop { get; } = new();

        public int Waiters { get; set; }

        /// <summary>Whether one of those who want it comes to write it.</summary>
        public bool IsForWriting { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }
    }
}
