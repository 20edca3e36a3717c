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
        return FileRecord.Look(file, context.Display(path), context.Seal).IsStub
            ? await RecallAsync(file, places, cancellationToken).ConfigureAwait(false)
            : 0;
    }

    /// <summary>Recalls a file that is open, whatever its name is by now.</summary>
    /// <returns>Bytes transferred; 0 if there was nothing to do, or another caller or node did it.</returns>
    /// <remarks>
    /// A caller who gives up disturbs no one: the transfer ends only when the last one has, who waits until the stub is as it was.
    /// </remarks>
    /// <exception cref="HsmAccessDeniedException">Permission to recall it, or to read the shard's key, is missing.</exception>
    /// <exception cref="ReadOnlyShardException">The shard is mounted read-only here.</exception>
    public Task<long> RecallAsync(IShardFile known, CancellationToken cancellationToken) => RecallAsync(known, _readers, cancellationToken);

    private async Task<long> RecallAsync(IShardFile known, RecallPlaces places, CancellationToken cancellationToken)
    {
        context.Seal.RequireKey(); // before anything is changed: a recall writes records
        // The transfer has a handle of its own: it may outlive this caller's.
        IShardFile file = await AdmittedOpening.OpenAsync(
            context, () => RecallPermission.Reopen(known, context.Display(known.Path)), cancellationToken).ConfigureAwait(false);
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
                shared.Task = Task.Run(
                    () => RecallReport.RunAsync(context, file.Path, () => RunAsync(file, isForWriting, places, shared)), CancellationToken.None);
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
            {
                await shared.Stop.CancelAsync().ConfigureAwait(false);
                // Until the stub is as it was: whoever has cancelled may end the process next.
                await ((Task)shared.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<long> RunAsync(IShardFile file, bool isForWriting, RecallPlaces places, SharedRecall shared)
    {
        CancellationToken token = shared.Stop.Token;
        try
        {
            await places.UnderWay.WaitAsync(token).ConfigureAwait(false);
            try
            {
                return await RecallOneAsync(file, isForWriting, places, token).ConfigureAwait(false);
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
        }
    }

    private async Task<long> RecallOneAsync(IShardFile file, bool isForWriting, RecallPlaces places, CancellationToken cancellationToken)
    {
        string display = context.Display(file.Path);
        FileLock fileLock = context.LockOf(file);
        await context.LockAsync(fileLock, LockKind.Exclusive, display, cancellationToken).ConfigureAwait(false);
        try
        {
            StubLook look = FileRecord.Look(file, display, context.Seal);
            if (!look.IsStub)
                return 0;
            using TransferSlot slot = new(places.Transfers);
            return await new RecallJob(context, file, fileLock, look.Record!, isForWriting)
                .RunAsync(slot, places.ToldOf(file.Path), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            fileLock.Release();
        }
    }

    private sealed class SharedRecall
    {
        public Task<long> Task { get; set; } = System.Threading.Tasks.Task.FromResult(0L);

        public CancellationTokenSource Stop { get; } = new();

        public int Waiters { get; set; }
    }
}
