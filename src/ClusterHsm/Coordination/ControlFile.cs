using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The signal or the quiesce file, as one party has it open: watches that the name still stands for the open inode.</summary>
/// <remarks>Not thread-safe. Never closes by itself, because its owner has to leave relaxed mode before a lock goes.</remarks>
internal sealed class ControlFile(IShardFileSystem shard, string path, ShardOpenOptions options)
{
    private IShardFile? _file;
    private FileIdentity? _adopted;
    private bool _wasMissing;

    /// <summary>Path below the root.</summary>
    public string Path => path;

    /// <summary>Whether the handle is open.</summary>
    public bool IsOpen => _file is not null;

    /// <summary>The change time of the file when it was opened.</summary>
    public ShardTimestamp Changed { get; private set; }

    /// <summary>Looks at the name and opens the file if it is not open.</summary>
    /// <exception cref="ShardIOException">The file system failed, or permission is missing.</exception>
    public ControlFileStatus Look()
    {
        if (shard.GetInfo(path) is not { Type: ShardEntryType.File } info)
        {
            _wasMissing = true;
            return ControlFileStatus.Missing;
        }
        // What was gone and is back counts as another file even under its old inode number: numbers are used again at once.
        if (_wasMissing || (_adopted is { } adopted && adopted.Inode != info.Identity.Inode))
            return ControlFileStatus.Replaced;
        if (_file is null)
        {
            _file = shard.Open(path, options);
            if (_file.Identity.Inode != info.Identity.Inode)
                return ControlFileStatus.Replaced;
            _adopted = _file.Identity;
            Changed = _file.GetInfo().Changed;
        }
        return ControlFileStatus.Present;
    }

    /// <summary>One attempt; Failed with <see cref="ShardError.DeadHandle"/> if the file is not open.</summary>
    public LockResult TryLock(LockRange range, LockKind kind) => Answer(file => file.TryLock(range, kind), NotOpen);

    /// <summary>Asks without taking.</summary>
    public LockResult QueryLock(LockRange range, LockKind kind) => Answer(file => file.QueryLock(range, kind), NotOpen);

    /// <summary>Gives a range back; granted if the file is not open.</summary>
    public LockResult Unlock(LockRange range) => Answer(file => file.Unlock(range), LockResult.Granted);

    /// <summary>Closes the handle, which ends its locks; the file's identity stays known.</summary>
    public void Close()
    {
        IShardFile? file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (Exception)
        {
            // A dead descriptor is gone either way.
        }
    }

    /// <summary>Closes the handle and takes whatever has the name next for the file.</summary>
    public void Forget()
    {
        Close();
        _adopted = null;
        _wasMissing = false;
    }

    /// <summary>Lock calls answer and do not throw; should one throw all the same, that is no grant (R9).</summary>
    private LockResult Answer(Func<IShardFile, LockResult> call, LockResult ifNotOpen)
    {
        if (_file is null)
            return ifNotOpen;
        try
        {
            return call(_file);
        }
        catch (Exception)
        {
            return new LockResult(LockStatus.Failed, ShardError.Other);
        }
    }

    private static LockResult NotOpen => new(LockStatus.Failed, ShardError.DeadHandle);
}

/// <summary>What <see cref="ControlFile.Look"/> found.</summary>
internal enum ControlFileStatus
{
    /// <summary>The open file still has its name.</summary>
    Present,

    /// <summary>Nothing has the name, or something that is no regular file.</summary>
    Missing,

    /// <summary>Another file has the name, or the file was gone in between.</summary>
    Replaced,
}
