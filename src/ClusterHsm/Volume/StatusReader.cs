using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm;

/// <summary>Looks at files without opening their data, without a lock and without secondary storage.</summary>
internal static class StatusReader
{
    public static FileStatus Read(IShardFileSystem shard, string path)
    {
        ShardFileInfo info = shard.GetInfo(path)
            ?? throw new ShardIOException(ShardError.NotFound, "look at", ShardPath.Display(shard.Root, path), "there is no such file");
        if (info.Type != ShardEntryType.File)
            throw new ShardIOException(ShardError.NotARegularFile, "look at", ShardPath.Display(shard.Root, path), "it is not a regular file");
        return Judge(shard, path, info);
    }

    /// <summary>All regular files below a path; not the control folder, not through symbolic links, not on other devices.</summary>
    public static IEnumerable<FileStatus> ReadTree(IShardFileSystem shard, string path)
    {
        ShardFileInfo? top = shard.GetInfo(path);
        if (top is { Type: ShardEntryType.File })
        {
            yield return Judge(shard, path, top.Value);
            yield break;
        }
        Stack<string> folders = new([path]);
        while (folders.TryPop(out string? folder))
        {
            foreach (ShardEntry entry in shard.ReadDirectory(folder))
            {
                string below = ShardPath.Combine(folder, entry.Name);
                if (below == ControlFolder.Name || entry.Type is ShardEntryType.SymbolicLink or ShardEntryType.Other)
                    continue;
                if (shard.GetInfo(below) is not { Identity.OnShardDevice: true } info)
                    continue; // deleted meanwhile, or another file system mounted here
                if (info.Type == ShardEntryType.Directory)
                    folders.Push(below);
                else if (info.Type == ShardEntryType.File)
                    yield return Judge(shard, below, info);
            }
        }
    }

    public static FileStatus Judge(IShardFileSystem shard, string path, in ShardFileInfo info)
    {
        byte[]? bytes;
        bool isPinned;
        try
        {
            bytes = shard.ReadAttribute(path, StubRecord.AttributeName);
            isPinned = shard.ReadAttribute(path, FileRecord.PinAttributeName) is not null;
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            (bytes, isPinned) = (null, false);
        }
        StubRecord? record = null;
        string? problem = null;
        if (bytes is not null)
            StubRecordCodec.TryDecode(bytes, out record, out problem);
        FileState state = record?.State ?? FileState.Regular;
        bool isStale = state == FileState.Archived && record!.Judge(info) == CopyValidity.Stale;
        if (isStale || (FileRecord.IsStubState(state) && info.Size == 0))
            state = FileState.Regular;
        return new FileStatus
        {
            Path = path,
            State = state,
            HasStaleCopy = isStale,
            IsPinned = isPinned,
            Info = info,
            Record = record,
            Problem = problem,
        };
    }
}
