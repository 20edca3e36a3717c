using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm;

/// <summary>What is known of a file without reading its data, and without recalling it.</summary>
public sealed record FileStatus
{
    /// <summary>The path, relative to the shard's root.</summary>
    public required string Path { get; init; }

    /// <summary>Where the data is.</summary>
    public required FileState State { get; init; }

    /// <summary>Whether there is a copy in secondary storage that is older than the data: the file was written after it was archived.</summary>
    public bool HasStaleCopy { get; init; }

    /// <summary>Whether the file is never to be released.</summary>
    public bool IsPinned { get; init; }

    /// <summary>Size in bytes; of a stub the size its data has.</summary>
    public long Size => Info.Size;

    /// <summary>Bytes allocated on the shard.</summary>
    public long AllocatedBytes => Info.AllocatedBytes;

    /// <summary>
    /// The file system's facts; while a recall or a release is under way, or was cut off, the time of last modification from the record: a
    /// plain <c>stat</c> may see the time of its writing then.
    /// </summary>
    public required ShardFileInfo Info { get; init; }

    /// <summary>The object in secondary storage, if there is one.</summary>
    public ObjectKey? ObjectKey => Record?.State == FileState.Regular ? null : Record?.Key;

    /// <summary>The record, if there is one that can be believed.</summary>
    public StubRecord? Record { get; init; }

    /// <summary>What is wrong with the record, if it cannot be believed. Such a file cannot be opened.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether that is its signature: the record was made or changed without the shard's key, or made for another file.</summary>
    public bool HasWrongSignature { get; init; }

    /// <summary>Whether the data is in secondary storage only.</summary>
    public bool IsStub => FileRecord.IsStubState(State);
}
