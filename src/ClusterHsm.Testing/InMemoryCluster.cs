using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>A shard in memory, with as many nodes as a test needs and a time that moves by hand.</summary>
/// <remarks>Thread-safe. One lock guards all of it; it is never held while a hook or a fault's action runs.</remarks>
/// <example><code>
/// var cluster = new InMemoryCluster();
/// InMemoryNode reader = cluster.AddNode("reader"), migrator = cluster.AddNode("migrator");
/// cluster.Advance(TimeSpan.FromSeconds(3));
/// </code></example>
public sealed class InMemoryCluster
{
    // Above 2^53, as on some cluster file systems: what passes through a double is found out.
    private const ulong FirstInode = (1UL << 53) + 1;

    private readonly List<InMemoryNode> _nodes = [];
    private readonly Dictionary<ulong, Inode> _inodes = [];
    private readonly Stack<ulong> _freeNumbers = [];
    private ulong _nextNumber = FirstInode;

    /// <summary>Makes an empty shard.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public InMemoryCluster(InMemoryClusterOptions? options = null)
    {
        Options = options ?? new InMemoryClusterOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.TimestampGranularity, TimeSpan.FromTicks(1), nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(Options.CapacityInBytes, nameof(options));
        Clock = new ManualTimeProvider(Options.Start);
        Root = NewInode(ShardEntryType.Directory, onShardDevice: true, (UnixFileMode)0b111_101_101, 0, 0);
        Root.LinkCount = 1;
    }

    /// <summary>What it plays.</summary>
    public InMemoryClusterOptions Options { get; }

    /// <summary>The file system's own time, which files are dated by. <see cref="Advance"/> moves it with the nodes' clocks.</summary>
    public ManualTimeProvider Clock { get; }

    /// <summary>The nodes, those that crashed included, in the order they came.</summary>
    public IReadOnlyList<InMemoryNode> Nodes
    {
        get { lock (Gate) return [.. _nodes]; }
    }

    /// <summary>Bytes that all files together have allocated.</summary>
    public long AllocatedBytes
    {
        get
        {
            lock (Gate)
            {
                return _inodes.Values.Where(static inode => inode.LinkCount > 0 || inode.Handles.Count > 0)
                    .Sum(static inode => inode.State.Data.AllocatedBytes);
            }
        }
    }

    internal Lock Gate { get; } = new();

    internal Inode Root { get; }

    internal IEnumerable<Inode> Inodes => _inodes.Values;

    /// <summary>A node joins.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="options">What is special about it.</param>
    public InMemoryNode AddNode(string name, InMemoryNodeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var node = new InMemoryNode(this, name, options ?? new InMemoryNodeOptions());
        lock (Gate)
            _nodes.Add(node);
        return node;
    }

    /// <summary>
    /// Moves the file system's time and all nodes' clocks on, each at its own rate. Timers of all of them fire on this thread, in the
    /// order they are due.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative.</exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        ManualTimeProvider[] clocks = [Clock, .. Nodes.Select(static node => node.Clock)];
        for (long left = span.Ticks; left >= 0;)
        {
            long step = Math.Min(left, clocks.Min(static clock => clock.ClusterTicksToNextTimer() ?? long.MaxValue));
            foreach (ManualTimeProvider clock in clocks)
                clock.AdvanceClusterTicks(step);
            left -= step;
            if (left == 0 && clocks.All(static clock => clock.ClusterTicksToNextTimer() is null or > 0))
                return;
        }
    }

    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="ShardIOException">There is no such file, or the name is taken.</exception>
    public void CreateHardLink(string existing, string path)
    {
        lock (Gate)
        {
            Inode inode = PathWalk.Resolve(Root, existing, followLast: false, Failure("link", existing)).Target
                ?? throw Failure("link", existing)(ShardError.NotFound, null, 0);
            if (inode.Type == ShardEntryType.Directory)
                throw Failure("link", existing)(ShardError.NotARegularFile, null, 0);
            Link(FreePlace(path), inode);
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="path">Where.</param>
    /// <param name="target">What it says: relative to its own directory; what begins with <c>/</c> leads out of the shard.</param>
    /// <exception cref="ShardIOException">The name is taken, or its directory is not there.</exception>
    public void CreateSymbolicLink(string path, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        Add(path, ShardEntryType.SymbolicLink).State.Target = target;
    }

    /// <summary>Makes something that is no file, directory or link, such as a pipe.</summary>
    /// <exception cref="ShardIOException">The name is taken, or its directory is not there.</exception>
    public void CreatePipe(string path) => Add(path, ShardEntryType.Other);

    /// <summary>Makes a directory where another file system is mounted: nothing below it is on the shard's device.</summary>
    /// <exception cref="ShardIOException">The name is taken, or its directory is not there.</exception>
    public void MountOtherDevice(string path) => Add(path, ShardEntryType.Directory, onShardDevice: false);

    internal ShardTimestamp Now() => Cut(ShardTimestamp.FromDateTimeOffset(Clock.GetUtcNow()));

    /// <summary>A time as this file system can keep it. A granularity of one tick, the least that can be told, means nanoseconds.</summary>
    internal ShardTimestamp Cut(ShardTimestamp time)
    {
        if (Options.TimestampGranularity.Ticks == 1)
            return time;
        Int128 granule = (Int128)Options.TimestampGranularity.Ticks * 100;
        Int128 nanoseconds = (Int128)time.Seconds * 1_000_000_000 + time.Nanoseconds;
        Int128 rest = nanoseconds % granule;
        nanoseconds -= rest < 0 ? rest + granule : rest;
        Int128 part = nanoseconds % 1_000_000_000;
        if (part < 0)
            part += 1_000_000_000;
        return new ShardTimestamp((long)((nanoseconds - part) / 1_000_000_000), (int)part);
    }

    internal Inode NewInode(ShardEntryType type, bool onShardDevice, UnixFileMode mode, uint userId, uint groupId)
    {
        ulong number = _freeNumbers.TryPop(out ulong free) ? free : _nextNumber++;
        var inode = new Inode(number, type, onShardDevice);
        ShardTimestamp now = Now();
        inode.State.Accessed = inode.State.Modified = inode.State.Changed = now;
        inode.State.Mode = mode;
        inode.State.UserId = userId;
        inode.State.GroupId = groupId;
        _inodes.Add(number, inode);
        return inode;
    }

    /// <summary>To be called before an inode is changed.</summary>
    internal void WillChange(Inode inode, InMemoryNode node)
    {
        if (!Options.CrashLosesUnflushedChanges)
            return;
        inode.Flushed ??= inode.State.Clone();
        inode.ChangedBy.Add(node);
    }

    internal static void MakeDurable(Inode inode)
    {
        inode.Flushed = null;
        inode.ChangedBy.Clear();
    }

    internal void Link(Place place, Inode inode)
    {
        place.Directory.State.Entries.Add(place.Name, inode);
        place.Directory.State.Modified = place.Directory.State.Changed = Now();
        inode.LinkCount++;
        inode.State.Changed = Now();
    }

    internal void Unlink(Place place)
    {
        Inode inode = place.Target!;
        place.Directory.State.Entries.Remove(place.Name);
        place.Directory.State.Modified = place.Directory.State.Changed = Now();
        inode.LinkCount--;
        inode.State.Changed = Now();
        ForgetIfGone(inode);
    }

    internal void ForgetIfGone(Inode inode)
    {
        // While a crash may bring an inode's name back, its number is kept.
        if (inode.LinkCount == 0 && inode.Handles.Count == 0 && !Options.CrashLosesUnflushedChanges
            && _inodes.Remove(inode.Number) && Options.ReusesInodeNumbers)
            _freeNumbers.Push(inode.Number);
    }

    /// <summary>Takes back what a node changed and did not flush, and counts the names anew.</summary>
    internal void TakeBackChanges(InMemoryNode node)
    {
        if (!Options.CrashLosesUnflushedChanges)
            return;
        foreach (Inode inode in _inodes.Values.Where(inode => inode.ChangedBy.Contains(node)))
        {
            inode.State = inode.Flushed!.AfterCrash(inode.State, Options.CrashKeeps);
            MakeDurable(inode);
        }
        foreach (Inode inode in _inodes.Values)
            inode.LinkCount = inode == Root ? 1u : 0;
        foreach (Inode inode in _inodes.Values)
            foreach (Inode named in inode.State.Entries.Values)
                named.LinkCount++;
    }

    private Inode Add(string path, ShardEntryType type, bool? onShardDevice = null)
    {
        lock (Gate)
        {
            Place place = FreePlace(path);
            Inode inode = NewInode(type, onShardDevice ?? place.Directory.OnShardDevice, (UnixFileMode)0b111_111_111, 0, 0);
            Link(place, inode);
            return inode;
        }
    }

    private Place FreePlace(string path)
    {
        Place place = PathWalk.Resolve(Root, path, followLast: false, Failure("make", path));
        return place.Target is null ? place : throw Failure("make", path)(ShardError.AlreadyExists, null, 0);
    }

    private static Func<ShardError, string?, int, ShardIOException> Failure(string verb, string path) => (error, reason, native) =>
        new ShardIOException(error, verb, path, reason ?? Failures.Reason(error), native == 0 ? Failures.NativeError(error) : native);
}
