using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>A file, directory or symbolic link. Guarded by its cluster's gate.</summary>
internal sealed class Inode(ulong number, ShardEntryType type, bool onShardDevice)
{
    public ulong Number { get; } = number;

    public ShardEntryType Type { get; } = type;

    public bool OnShardDevice { get; } = onShardDevice;

    public InodeState State { get; set; } = new();

    /// <summary>What a crash of one of <see cref="ChangedBy"/> leaves, or null if all is flushed.</summary>
    public InodeState? Flushed { get; set; }

    public HashSet<InMemoryNode> ChangedBy { get; } = [];

    public RangeLocks Locks { get; } = new();

    public List<InMemoryFile> Handles { get; } = [];

    public uint LinkCount { get; set; }

    public FileIdentity Identity => new(Number, OnShardDevice);
}

/// <summary>The part of an inode that a crash may take back.</summary>
internal sealed class InodeState
{
    public SparseData Data { get; private init; } = new();

    /// <summary>Of a directory: names in the order they were made.</summary>
    public OrderedDictionary<string, Inode> Entries { get; private init; } = [];

    /// <summary>Of a symbolic link.</summary>
    public string Target { get; set; } = "";

    public Dictionary<string, byte[]> Attributes { get; private init; } = [];

    public ShardTimestamp Accessed { get; set; }

    public ShardTimestamp Modified { get; set; }

    public ShardTimestamp Changed { get; set; }

    public UnixFileMode Mode { get; set; }

    public uint UserId { get; set; }

    public uint GroupId { get; set; }

    public InodeState Clone() => new()
    {
        Data = Data.Clone(),
        Entries = new OrderedDictionary<string, Inode>(Entries),
        Target = Target,
        Attributes = new Dictionary<string, byte[]>(Attributes),
        Accessed = Accessed,
        Modified = Modified,
        Changed = Changed,
        Mode = Mode,
        UserId = UserId,
        GroupId = GroupId,
    };

    /// <summary>What a crash leaves of this, the flushed state, when it keeps some of what has changed since.</summary>
    public InodeState AfterCrash(InodeState now, UnflushedChanges kept)
    {
        InodeState facts = kept.HasFlag(UnflushedChanges.Facts) ? now : this;
        return new()
        {
            Data = kept.HasFlag(UnflushedChanges.Data) ? now.Data : Data,
            Entries = kept.HasFlag(UnflushedChanges.Names) ? now.Entries : Entries,
            Target = Target,
            Attributes = kept.HasFlag(UnflushedChanges.Attributes) ? now.Attributes : Attributes,
            Accessed = facts.Accessed,
            Modified = facts.Modified,
            Changed = facts.Changed,
            Mode = facts.Mode,
            UserId = facts.UserId,
            GroupId = facts.GroupId,
        };
    }
}
