using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using ClusterHsm.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterHsm.Migration;

/// <summary>What all steps of a migration share.</summary>
internal sealed class MigrationContext(
    IShardFileSystem shard, ShardDescriptor descriptor, Func<ISecondaryStore> store, TimeSpan lockTimeout, int maxConcurrentRecalls,
    ILogger? logger = null)
{
    private HashSet<ulong>? _controlInodes;
    private volatile bool _excludesOpeners = true;

    public IShardFileSystem Shard { get; } = shard;

    public ShardDescriptor Descriptor { get; } = descriptor;

    /// <summary>Opened when it is first needed: looking at files works while the store is down.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, which is one error and not one for each file.</exception>
    public ISecondaryStore Store
    {
        get
        {
            ISecondaryStore opened = store();
            HasStore = true;
            return opened;
        }
    }

    /// <summary>Whether the store was there when it was needed, so that what fails from then on may be one object's fault.</summary>
    public bool HasStore { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    /// <summary>What vouches for records.</summary>
    public RecordSeal Seal { get; } = RecordSeal.Load(shard, descriptor);

    public TimeSpan LockTimeout { get; } = lockTimeout;

    public int MaxConcurrentRecalls { get; } = maxConcurrentRecalls;

    public GroupFlush Flushes { get; } = new(shard);

    public ShardTelemetry Telemetry { get; } = new(shard.Root);

    public ILogger Logger { get; } = logger ?? NullLogger.Instance;

    /// <summary>
    /// Whether the kernel is expected to keep openers out of a file (<see cref="IShardFile.TryExcludeOpeners"/>): true until it has once said that
    /// it cannot. Only the order of the questions rests on it.
    /// </summary>
    public bool ExcludesOpeners { get => _excludesOpeners; set => _excludesOpeners = value; }

    public string Display(string path) => ShardPath.Display(Shard.Root, path);

    public FileLock LockOf(IShardFile file) => new(file, Descriptor, Shard.Clock);

    /// <summary>Takes a file's lock, for which it waits as long as the volume's option says.</summary>
    /// <exception cref="HsmException">It was not granted; the type and the message say why.</exception>
    public async ValueTask LockAsync(FileLock fileLock, LockKind kind, string display, CancellationToken cancellationToken)
    {
        LockResult answer = await fileLock.AcquireAsync(kind, LockTimeout, cancellationToken).ConfigureAwait(false);
        if (answer.Error == ShardError.DeadHandle) // nobody has it: the file system is gone
            throw new ShardIOException(answer.Error, "lock", display, "the file system has lost its connection to this file", answer.NativeError).ToHsmException();
        if (!answer.IsGranted)
            throw new FileBusyException(display, $"its lock was not granted within {LockTimeout} ({answer.Status}{(answer.Error == ShardError.None ? "" : $", {answer.Error}")})",
                "Another node migrates, recalls or writes it; try again, or see 'clusterhsm nodes'");
    }

    /// <inheritdoc cref="Handover.BeginAsync"/>
    /// <param name="options">How to take over; null for the defaults.</param>
    /// <param name="files">How many files are to become stubs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Handover> BeginHandoverAsync(HandoverOptions? options, long files, CancellationToken cancellationToken)
    {
        options ??= new HandoverOptions();
        return Handover.BeginAsync(Shard, Descriptor, options with { Logger = options.Logger ?? Logger, Files = files }, cancellationToken);
    }

    /// <summary>Only one migrator archives a file at a time; readers and writers do not mind this byte.</summary>
    public LockRange ArchiveByte => new(Descriptor.FileLockOffset + 2, 1);

    /// <summary>
    /// Whether an object that was begun then, and has no record yet, might be taken for an orphan by a sweep: half of the shortest
    /// grace time has passed. Its migrator was held up, and throws it away.
    /// </summary>
    public bool IsLateForSweep(long begunAt) => Shard.Clock.GetElapsedTime(begunAt) > SweepOptions.MinGraceTime / 2;

    /// <summary>Refuses what can never be migrated.</summary>
    /// <param name="file">The file, as it is open.</param>
    /// <param name="isNew">Whether it may just have been made: the control folder is looked at now.</param>
    public void RequireOnShard(IShardFile file, bool isNew = false)
    {
        // Who may change the tree can put a link in the place of a folder that was just looked at.
        if (file.Identity.OnShardDevice && (isNew ? ReadControlInodes() : _controlInodes ??= ReadControlInodes()).Contains(file.Identity.Inode))
            throw new OutsideRootException(Display(file.Path), "it leads by a link to one of the shard's own files", "Nothing was changed. Remove the link");
        if (!file.Identity.OnShardDevice)
            throw new OtherDeviceException(Display(file.Path), "it is on another device than the shard's root",
                "Only files of the shard's own file system can be migrated; make that file system a shard of its own");
    }

    private HashSet<ulong> ReadControlInodes()
    {
        HashSet<ulong> inodes = [];
        foreach (ShardEntry entry in Shard.ReadDirectory(ControlFolder.Name))
        {
            inodes.Add(entry.Inode);
            try
            {
                // Not every file system numbers its names in a directory as it numbers its files.
                if (Shard.GetInfo(ShardPath.Combine(ControlFolder.Name, entry.Name)) is { } info)
                    inodes.Add(info.Identity.Inode);
            }
            catch (ShardIOException)
            {
                // A name that faults have left on GlusterFS, and that nobody can look at or link to, must not end all migrations.
            }
        }
        return inodes;
    }
}
