using System.Diagnostics;
using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using ClusterHsm.Telemetry;
using Microsoft.Extensions.Logging;

namespace ClusterHsm;

/// <summary>A shard, opened by one process to read, write and migrate its files.</summary>
/// <remarks>Thread-safe. Paths are relative to the root, or absolute and below it. Close the files before the volume.</remarks>
public sealed partial class HsmVolume : IAsyncDisposable
{
    private readonly VolumeContext _context;
    private readonly OwnedParts? _owned;

    /// <summary>Composes a volume of parts that stay the caller's own to dispose.</summary>
    public HsmVolume(
        IShardFileSystem shard, InodeCache cache, SignalFileLockMonitor monitor, LockModePolicy policy, ISecondaryStore store,
        HsmVolumeOptions? options = null)
        : this(shard, Checked(monitor).Descriptor, cache, monitor, policy, () => store, options ?? new HsmVolumeOptions(), null)
    {
        ArgumentNullException.ThrowIfNull(store);
    }

    private HsmVolume(
        IShardFileSystem shard, ShardDescriptor descriptor, InodeCache cache, SignalFileLockMonitor? monitor, LockModePolicy policy,
        Func<ISecondaryStore> store, HsmVolumeOptions options, OwnedParts? owned)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(policy);
        options.Check();
        descriptor.RequireFreshReads(shard);
        ILogger? logger = options.LoggerFactory?.CreateLogger<HsmVolume>();
        MigrationContext migration = new(shard, descriptor, store, options.LockTimeout, options.MaxConcurrentRecalls, logger);
        _context = new VolumeContext(migration, cache, monitor, policy, options);
        _owned = owned;
        ObservedVolumes.Add(_context);
        monitor?.Work.Add(_context.CountersForOthers);
        _context.Logger.VolumeOpened(shard.Root, descriptor.ShardId, descriptor.StoreLocation);
    }

    /// <summary>The absolute path of the root.</summary>
    public string Root => _context.Shard.Root;

    /// <summary>The shard's file system.</summary>
    public IShardFileSystem Shard => _context.Shard;

    /// <summary>What all nodes of the shard agree on.</summary>
    public ShardDescriptor Descriptor => _context.Migration.Descriptor;

    /// <summary>This node's mode and lease; null if the process has not joined as a node.</summary>
    public SignalFileLockMonitor? Monitor => _context.Monitor;

    /// <summary>What this volume has done since it was opened.</summary>
    public HsmVolumeCounters Counters => _context.Counters;

    /// <summary>Opens a shard, and joins it as a node unless the options say otherwise.</summary>
    /// <param name="root">The root of the shard.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="cancellationToken">Ends the wait for the first answer about the mode.</param>
    /// <exception cref="NotAShardException">There is no <c>.clusterhsm</c> in it.</exception>
    /// <exception cref="HsmException">It cannot be used; the type and the message say why.</exception>
    public static async ValueTask<HsmVolume> OpenAsync(
        string root, HsmVolumeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new HsmVolumeOptions();
        OwnedParts owned = new();
        try
        {
            IShardFileSystem shard = owned.Shard = ShardFileSystem.Open(root);
            ShardDescriptor descriptor = ShardDescriptor.Load(shard);
            InodeCache cache = new(options.CacheCapacity);
            if (options.JoinAsNode)
            {
                ILogger? logger = options.LoggerFactory?.CreateLogger<SignalFileLockMonitor>();
                owned.Monitor = new SignalFileLockMonitor(shard, cache, options.Signal, logger);
                await owned.Monitor.FirstPoll.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            owned.Store = new StoreOnDemand(descriptor);
            return new HsmVolume(shard, descriptor, cache, owned.Monitor, options.Policy, owned.Store.Get, options, owned);
        }
        catch (Exception e)
        {
            await owned.DisposeAsync().ConfigureAwait(false);
            if (e is ShardIOException failure)
                throw failure.ToHsmException();
            throw;
        }
    }

    /// <summary>Opens a file; a stub is recalled first, unless the options say otherwise.</summary>
    /// <exception cref="HsmException">It cannot be opened; the type and the message say why.</exception>
    public ValueTask<HsmFile> OpenFileAsync(
        string path, HsmOpenOptions options = default, CancellationToken cancellationToken = default)
    {
        ValueTask<HsmFile> opening;
        try
        {
            ObjectDisposedException.ThrowIf(_context.IsClosing, this);
            opening = HsmFile.OpenAsync(_context, Normalize(path), options.Checked(), cancellationToken);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<HsmFile>(_context.TryTranslate(e, out HsmException? named) ? named : e);
        }
        return opening.IsCompletedSuccessfully ? opening : TranslateAsync(opening);
    }

    /// <summary>The same on the calling thread, which it blocks.</summary>
    /// <inheritdoc cref="OpenFileAsync"/>
    public HsmFile OpenFile(string path, HsmOpenOptions options = default)
    {
        ValueTask<HsmFile> opening = OpenFileAsync(path, options);
        return opening.IsCompletedSuccessfully ? opening.Result : opening.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>What is known of a file, without recalling it. Works while the store is down.</summary>
    public FileStatus GetStatus(string path) => Guard(() => StatusReader.Read(Shard, _context.Migration.Seal, Normalize(path)));

    /// <summary>The status of all regular files at and below a path; the empty path is the whole shard.</summary>
    /// <remarks>Lazy; memory does not grow with the tree. Symbolic links are not followed, other devices not entered.</remarks>
    /// <param name="path">Where to begin.</param>
    /// <param name="onFailure">
    /// Told of each folder and file that cannot be looked at, which is passed over then; null to end at the first with the exception.
    /// </param>
    /// <exception cref="HsmException">Something cannot be looked at, and there is no <paramref name="onFailure"/>.</exception>
    public IEnumerable<FileStatus> EnumerateStatus(string path, Action<HsmException>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        string begin = path.Length == 0 ? path : Guard(() => Normalize(path));
        Action<ShardIOException>? translated = onFailure is null ? null : e => onFailure(e.ToHsmException());
        using IEnumerator<FileStatus> files = StatusReader.ReadTree(Shard, _context.Migration.Seal, begin, translated).GetEnumerator();
        while (Guard(files.MoveNext))
            yield return files.Current;
    }

    /// <summary>Reads the shard's own clock, by which the age of files is told. Needs permission to register as a node.</summary>
    /// <exception cref="HsmException">The control folder cannot be written.</exception>
    public ShardTime ReadShardTime() => Guard(() => ShardTime.Read(Shard));

    /// <summary>Copies files to secondary storage. They stay regular, and nodes relaxed.</summary>
    public Task<MigrationSummary> ArchiveAsync(
        IEnumerable<string> paths, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("archive", options, (checkedOptions, tally) => ArchiveAsync(paths, checkedOptions, tally, thenReleased: false, cancellationToken));

    /// <summary>
    /// Turns archived files into stubs, all under one handover, of a list of more than 100,000 each so many under one of their own. What is
    /// not archived is skipped, with the reason.
    /// </summary>
    public Task<MigrationSummary> ReleaseAsync(
        IEnumerable<string> paths, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("release", options, (checkedOptions, tally) =>
            Batches.ForEachAsync(Migratable(paths, tally), checkedOptions.MostFilesInBatch, batch =>
                ReleaseAsync(batch.Select(static path => new ReleaseCandidate(path, default, null)), checkedOptions, tally, cancellationToken)));

    /// <summary>
    /// Archives files and then turns them into stubs: nodes are strict only while files are released. A list of more than 100,000 files
    /// is done in batches of so many, each with a handover of its own, so that memory does not grow with it.
    /// </summary>
    public Task<MigrationSummary> MigrateAsync(
        IEnumerable<string> paths, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("migrate", options, async (checkedOptions, tally) =>
        {
            Handover.RequirePossible(Shard, Descriptor);
            await Batches.ForEachAsync(paths, checkedOptions.MostFilesInBatch, async batch =>
            {
                IReadOnlyList<ReleaseCandidate> ready =
                    await ArchiveAsync(batch, checkedOptions, tally, thenReleased: true, cancellationToken).ConfigureAwait(false);
                await ReleaseAsync(ready, checkedOptions, tally, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        });

    /// <summary>Brings stubs back. What is not a stub is left alone.</summary>
    public Task<MigrationSummary> RecallAsync(
        IEnumerable<string> paths, MigrationOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync("recall", options, (checkedOptions, tally) => RecallAsync(OutsideControlFolder(paths, tally), checkedOptions, tally, cancellationToken));

    private static SignalFileLockMonitor Checked(SignalFileLockMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        return monitor;
    }

    /// <summary>A shard's key that is missing is one error, not one for each file.</summary>
    private T WithKey<T>(Func<T> make)
    {
        _context.Migration.Seal.RequireKey();
        return make();
    }

    private string Normalize(string path) => ShardPath.Normalize(Shard.Root, path);

    private async Task RecallAsync(IEnumerable<string> paths, MigrationOptions options, OutcomeTally tally, CancellationToken cancellationToken)
    {
        RecallPlaces places = new(options.Jobs, options);
        // More than are transferred at once: the others wait to be durable, by one barrier for many.
        ParallelOptions all = new() { MaxDegreeOfParallelism = Math.Max(options.Jobs, RecallPlaces.MostUnderWay), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(All(), all, async (path, token) =>
        {
            try
            {
                long bytes = await _context.Recaller.RecallAsync(path, places, token).ConfigureAwait(false);
                if (bytes == 0)
                    tally.AlreadyDone(path, "its data is on the shard");
                else
                    tally.Add(new FileOutcome { Path = path, Action = FileAction.Recalled, Bytes = bytes });
            }
            catch (Exception e) when (tally.BelongsToOneFile(e) && (e is not StoreUnavailableException || _context.Migration.HasStore))
            {
                tally.Fail(path, e);
            }
        }).ConfigureAwait(false);

        IEnumerable<string> All()
        {
            using IDisposable come = _context.Migration.Flushes.Announce(RecallPlaces.MostUnderWay / 2);
            foreach (string path in paths)
                yield return path;
        }
    }

    private Task<IReadOnlyList<ReleaseCandidate>> ArchiveAsync(
        IEnumerable<string> paths, MigrationOptions options, OutcomeTally tally, bool thenReleased, CancellationToken cancellationToken) =>
        TraceAsync("clusterhsm.archive", tally, static done => (done.Archived, done.BytesArchived), () =>
        {
            _ = _context.Migration.Store; // a store that is gone is one error, not one for each file
            return new Archiver(_context.Migration, options, tally, thenReleased).ArchiveAsync(Migratable(paths, tally), cancellationToken);
        });

    private Task ReleaseAsync(
        IEnumerable<ReleaseCandidate> candidates, MigrationOptions options, OutcomeTally tally, CancellationToken cancellationToken) =>
        TraceAsync("clusterhsm.release", tally, static done => (done.Released, done.BytesFreed), async () =>
        {
            await WithKey(() => new Releaser(_context.Migration, options, tally)).ReleaseAsync(candidates, cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <summary>Does a part of an operation as an activity of its own.</summary>
    private async Task<T> TraceAsync<T>(
        string name, OutcomeTally tally, Func<MigrationSummary, (long Files, long Bytes)> done, Func<Task<T>> work)
    {
        using Activity? activity = _context.Telemetry.Start(name);
        (long filesBefore, long bytesBefore) = done(tally.Summary);
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ShardTelemetry.Fail(activity, e);
            throw;
        }
        finally
        {
            (long files, long bytes) = done(tally.Summary);
            activity?.SetTag("clusterhsm.files", files - filesBefore).SetTag("clusterhsm.bytes", bytes - bytesBefore);
        }
    }

    /// <summary>What may be archived and released. A stub in an inner shard, made before that was one, may still be recalled.</summary>
    private IEnumerable<string> Migratable(IEnumerable<string> paths, OutcomeTally tally)
    {
        InnerFolders inner = new(Shard);
        foreach (string path in OutsideControlFolder(paths, tally))
        {
            string? owner;
            try
            {
                owner = inner.OwnerOf(path);
            }
            catch (ShardIOException e)
            {
                tally.Fail(path, e);
                continue;
            }
            if (owner is null)
                yield return path;
            else
                tally.Skip(path, $"it belongs to {owner}");
        }
    }

    private IEnumerable<string> OutsideControlFolder(IEnumerable<string> paths, OutcomeTally tally)
    {
        foreach (string path in paths)
        {
            string relative;
            try
            {
                relative = Normalize(path);
            }
            catch (ShardIOException e)
            {
                tally.Fail(path, e);
                continue;
            }
            if (OwnFiles.AreNamedBy(relative))
                tally.Skip(relative, "it belongs to the shard itself");
            else
                yield return relative;
        }
    }

    /// <summary>Runs an operation and tells of it.</summary>
    /// <param name="operation">Its name in the log.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="work">What it does.</param>
    private async Task<MigrationSummary> RunAsync(string operation, MigrationOptions? options, Func<MigrationOptions, OutcomeTally, Task> work)
    {
        MigrationOptions checkedOptions = (options ?? new MigrationOptions()).Checked();
        OutcomeTally tally = new(checkedOptions.Progress, _context.Migration, operation);
        return await RunAsync(async () =>
        {
            try
            {
                await work(checkedOptions, tally).ConfigureAwait(false);
            }
            finally
            {
                tally.TellDone();
            }
            return tally.Summary;
        }).ConfigureAwait(false);
    }

    /// <summary>Runs what a close of the volume waits for, off the caller's thread: the shard's calls block.</summary>
    private async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        _context.Accesses.Begin();
        try
        {
            // After it was counted: a close that has not counted it is seen here.
            ObjectDisposedException.ThrowIf(_context.IsClosing, this);
            return await Task.Run(work).ConfigureAwait(false);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
        finally
        {
            _context.Accesses.End();
        }
    }

    private async ValueTask<HsmFile> TranslateAsync(ValueTask<HsmFile> opening)
    {
        try
        {
            return await opening.ConfigureAwait(false);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }

    /// <summary>What <see cref="OpenAsync"/> made, in the order in which it goes.</summary>
    private sealed class OwnedParts : IAsyncDisposable
    {
        public IShardFileSystem? Shard { get; set; }

        public SignalFileLockMonitor? Monitor { get; set; }

        public StoreOnDemand? Store { get; set; }

        /// <summary>Leaves relaxed mode, then the cluster; what is open goes on in strict mode.</summary>
        public ValueTask LeaveAsync() => Monitor?.DisposeAsync() ?? ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await LeaveAsync().ConfigureAwait(false);
            if (Store is not null)
                await Store.DisposeAsync().ConfigureAwait(false);
            Shard?.Dispose();
        }
    }
}
