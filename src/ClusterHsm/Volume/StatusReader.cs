using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm;

/// <summary>Looks at files without opening their data, without a lock and without secondary storage.</summary>
internal static class StatusReader
{
    /// <summary>How often a file is looked at that is released or recalled just then.</summary>
    private const int MaxLooks = 8;

    public static FileStatus Read(IShardFileSystem shard, RecordSeal seal, string path)
    {
        ShardFileInfo info = shard.GetInfo(path)
            ?? throw new ShardIOException(ShardError.NotFound, "look at", ShardPath.Display(shard.Root, path), "there is no such file");
        if (info.Type != ShardEntryType.File)
            throw new ShardIOException(ShardError.NotARegularFile, "look at", ShardPath.Display(shard.Root, path), "it is not a regular file");
        return Judge(shard, seal, path, info);
    }

    /// <summary>All regular files below a path; not the control folder, not through symbolic links, not on other devices.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="seal">What vouches for its records.</param>
    /// <param name="path">Where to begin.</param>
    /// <param name="onFailure">Told of what cannot be looked at below it, which is passed over then; null to end at the first.</param>
    public static IEnumerable<FileStatus> ReadTree(IShardFileSystem shard, RecordSeal seal, string path, Action<ShardIOException>? onFailure)
    {
        ShardFileInfo? top = shard.GetInfo(path);
        if (top is { Type: ShardEntryType.File })
        {
            yield return Judge(shard, seal, path, top.Value);
            yield break;
        }
        Stack<string> folders = new([path]);
        while (folders.TryPop(out string? folder))
        {
            using IEnumerator<FileStatus> files = (shard is ISurveyedFileSystem surveyed
                ? Survey(surveyed, shard, seal, folder, folders, onFailure)
                : Walk(shard, seal, folder, folders, onFailure)).GetEnumerator();
            while (TryMoveNext(files, folder == path, onFailure))
                yield return files.Current;
        }
    }

    /// <summary>The files of a folder, one by one; the folders in it are put on the stack.</summary>
    private static IEnumerable<FileStatus> Walk(
        IShardFileSystem shard, RecordSeal seal, string folder, Stack<string> folders, Action<ShardIOException>? onFailure)
    {
        foreach (ShardEntry entry in shard.ReadDirectory(folder))
        {
            string below = ShardPath.Combine(folder, entry.Name);
            if (below != ControlFolder.Name && TryLook(shard, seal, below, entry.Type, folders, onFailure) is { } status)
                yield return status;
        }
    }

    /// <summary>The same where names, facts and attributes are to be had together.</summary>
    private static IEnumerable<FileStatus> Survey(ISurveyedFileSystem surveyed, IShardFileSystem shard, RecordSeal seal, string folder,
        Stack<string> folders, Action<ShardIOException>? onFailure)
    {
        using IFolderSurvey survey = surveyed.Survey(folder, StubRecord.AttributeName, FileRecord.PinAttributeName);
        while (survey.TryRead(out SurveyedEntry entry))
        {
            string path = ShardPath.Combine(folder, entry.Name);
            if (path == ControlFolder.Name)
                continue;
            if (entry.Failure is { } failure)
            {
                if (onFailure is null)
                    throw failure;
                onFailure(failure);
                continue;
            }
            if (entry.Info is not { Identity.OnShardDevice: true } info)
                continue; // another file system mounted here
            if (info.Type == ShardEntryType.Directory)
                folders.Push(path);
            if (info.Type != ShardEntryType.File)
                continue;
            StubRecord? record = null;
            if (entry.First is null || (seal.TryDecode(entry.First, info.Identity.Inode, out record, out _) && !IsDisputed(record, info)))
                yield return Compose(path, info, record, null, isPinned: entry.Second is not null);
            else if (TryLook(shard, seal, path, ShardEntryType.File, folders, onFailure) is { } status)
                yield return status; // the name may have gone from one file to another between two looks, or the file been recalled
        }
    }

    private static bool TryMoveNext(IEnumerator<FileStatus> files, bool isTop, Action<ShardIOException>? onFailure)
    {
        try
        {
            return files.MoveNext();
        }
        catch (ShardIOException e) when (!isTop && e.Error == ShardError.NotFound)
        {
            return false; // deleted meanwhile
        }
        catch (ShardIOException e) when (onFailure is not null)
        {
            onFailure(e);
            return false;
        }
    }

    /// <summary>A file's status; a folder is put on the stack.</summary>
    private static FileStatus? TryLook(
        IShardFileSystem shard, RecordSeal seal, string path, ShardEntryType type, Stack<string> folders, Action<ShardIOException>? onFailure)
    {
        if (type is ShardEntryType.SymbolicLink or ShardEntryType.Other)
            return null;
        try
        {
            if (shard.GetInfo(path) is not { Identity.OnShardDevice: true } info)
                return null; // deleted meanwhile, or another file system mounted here
            if (info.Type == ShardEntryType.Directory)
                folders.Push(path);
            return info.Type == ShardEntryType.File ? Judge(shard, seal, path, info) : null;
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            return null;
        }
        catch (ShardIOException e) when (onFailure is not null)
        {
            onFailure(e);
            return null;
        }
    }

    public static FileStatus Judge(IShardFileSystem shard, RecordSeal seal, string path, ShardFileInfo info)
    {
        ShardFileInfo? looked = info;
        StubRecord? record = null;
        RecordProblem? problem = null;
        bool isPinned;
        try
        {
            record = FileRecord.ReadAt(shard, path, seal, ref looked, out problem);
            for (int look = 1; look < MaxLooks && IsDisputed(record, looked!.Value); look++)
            {
                // Facts from before a record may be those of an instant that it does not speak of; between two equal ones they are its own.
                if (shard.GetInfo(path) is not { } now || now.Identity != looked.Value.Identity)
                    break; // its name has gone
                StubRecord? before = record;
                looked = now;
                record = FileRecord.ReadAt(shard, path, seal, ref looked, out problem);
                if (record == before)
                    break;
            }
            isPinned = shard.ReadAttribute(path, FileRecord.PinAttributeName) is not null;
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            isPinned = false;
        }
        return Compose(path, looked!.Value, record, problem, isPinned);
    }

    /// <summary>While a recall writes or a release punches, the time on the file is not its own, and the record has that.</summary>
    private static bool HasForeignTime(StubRecord? record) => record is { State: FileState.Recalling } || FileRecord.IsHalfReleased(record);

    /// <summary>Whether the file's time is another than its record's, so that a write, or a recall between the two looks, has moved it.</summary>
    private static bool IsDisputed(StubRecord? record, in ShardFileInfo info) =>
        record is { State: not FileState.Regular } && !HasForeignTime(record) && info.Modified != record.Modified;

    private static FileStatus Compose(string path, in ShardFileInfo found, StubRecord? record, RecordProblem? problem, bool isPinned)
    {
        ShardFileInfo info = HasForeignTime(record) ? found with { Modified = record!.Modified } : found;
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
            Problem = problem?.Text,
            HasWrongSignature = problem is { IsOfSignature: true },
        };
    }
}
