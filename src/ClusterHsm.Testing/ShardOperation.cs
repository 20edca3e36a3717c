using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>The calls of <see cref="IShardFileSystem"/> and <see cref="IShardFile"/>.</summary>
public enum ShardOperation
{
    /// <summary><see cref="IShardFileSystem.Open"/>.</summary>
    Open,

    /// <summary><see cref="IShardFile.Read"/>.</summary>
    Read,

    /// <summary><see cref="IShardFile.Write"/>.</summary>
    Write,

    /// <summary><see cref="IShardFile.GetInfo"/> and <see cref="IShardFileSystem.GetInfo"/>.</summary>
    GetInfo,

    /// <summary><see cref="IShardFile.SetLength"/>.</summary>
    SetLength,

    /// <summary><see cref="IShardFile.PunchHole"/>.</summary>
    PunchHole,

    /// <summary><see cref="IShardFile.TryFindData"/>.</summary>
    FindData,

    /// <summary><see cref="IShardFile.SetTimes"/>.</summary>
    SetTimes,

    /// <summary><see cref="IShardFile.Touch"/>.</summary>
    Touch,

    /// <summary><see cref="IShardFile.SetOwnership"/>.</summary>
    SetOwnership,

    /// <summary><see cref="IShardFile.Flush"/>.</summary>
    Flush,

    /// <summary><see cref="IShardFile.ReadAttribute"/> and <see cref="IShardFileSystem.ReadAttribute"/>.</summary>
    ReadAttribute,

    /// <summary><see cref="IShardFile.WriteAttribute"/>.</summary>
    WriteAttribute,

    /// <summary><see cref="IShardFile.RemoveAttribute"/>.</summary>
    RemoveAttribute,

    /// <summary><see cref="IShardFile.TryLock"/>.</summary>
    Lock,

    /// <summary><see cref="IShardFile.QueryLock"/>.</summary>
    QueryLock,

    /// <summary><see cref="IShardFile.Unlock"/>.</summary>
    Unlock,

    /// <summary><see cref="IShardFile.TryExcludeOpeners"/>.</summary>
    ExcludeOpeners,

    /// <summary><see cref="IShardFileSystem.ReadDirectory"/>, when the enumeration begins.</summary>
    ReadDirectory,

    /// <summary><see cref="IShardFileSystem.CreateDirectory"/>.</summary>
    CreateDirectory,

    /// <summary><see cref="IShardFileSystem.Delete"/>.</summary>
    Delete,

    /// <summary><see cref="IShardFileSystem.Rename"/>.</summary>
    Rename,

    /// <summary><see cref="IShardFileSystem.FlushDirectory"/>.</summary>
    FlushDirectory,

    /// <summary><see cref="IShardFileSystem.FlushAll"/>.</summary>
    FlushAll,

    /// <summary><see cref="IShardFileSystem.FindWriters"/>.</summary>
    FindWriters,
}

/// <summary>One call that a node is about to make.</summary>
public sealed record ShardOperationInfo
{
    /// <summary>Which call.</summary>
    public required ShardOperation Operation { get; init; }

    /// <summary>The path that it was given, or that its file was opened by; empty for the root and the whole shard.</summary>
    public required string Path { get; init; }

    /// <summary>Of a rename: the new path.</summary>
    public string? NewPath { get; init; }

    /// <summary>Of an open: how.</summary>
    public ShardOpenOptions OpenOptions { get; init; }

    /// <summary>Of a lock call: which kind; null for an unlock.</summary>
    public LockKind? LockKind { get; init; }

    /// <summary>Where in the file, for calls that have a range.</summary>
    public long Offset { get; init; }

    /// <summary>How much of the file, for calls that have a range.</summary>
    public long Length { get; init; }

    /// <summary>Whether it may change the shard or make a change durable: what <see cref="InMemoryNode.MutationCount"/> counts.</summary>
    public bool IsMutation => Operation switch
    {
        ShardOperation.Open => OpenOptions.HasFlag(ShardOpenOptions.Create),
        ShardOperation.Write or ShardOperation.SetLength or ShardOperation.PunchHole or ShardOperation.SetTimes or ShardOperation.Touch
            or ShardOperation.SetOwnership or ShardOperation.Flush or ShardOperation.WriteAttribute or ShardOperation.RemoveAttribute
            or ShardOperation.CreateDirectory or ShardOperation.Delete or ShardOperation.Rename or ShardOperation.FlushDirectory
            or ShardOperation.FlushAll => true,
        _ => false,
    };

    /// <summary>As the library's messages say it: <c>punch a hole in</c>.</summary>
    internal string Verb => Operation switch
    {
        ShardOperation.GetInfo => "look at",
        ShardOperation.SetLength => "set the length of",
        ShardOperation.PunchHole => "punch a hole in",
        ShardOperation.FindData => "look for data in",
        ShardOperation.SetTimes or ShardOperation.Touch => "set the times of",
        ShardOperation.SetOwnership => "set owner and mode of",
        ShardOperation.Flush or ShardOperation.FlushDirectory or ShardOperation.FlushAll => "flush",
        ShardOperation.ReadAttribute => "read an attribute of",
        ShardOperation.WriteAttribute => "set an attribute of",
        ShardOperation.RemoveAttribute => "remove an attribute of",
        ShardOperation.QueryLock => "ask about a lock on",
        ShardOperation.ExcludeOpeners => "hold openers back from",
        ShardOperation.ReadDirectory => "list",
        ShardOperation.CreateDirectory => "make the directory",
        ShardOperation.FindWriters => "look for writers of",
        _ => Operation.ToString().ToLowerInvariant(),
    };
}
