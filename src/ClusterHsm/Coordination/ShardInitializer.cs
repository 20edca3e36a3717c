using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Makes a control folder, so that a crash after any step leaves something that the next call finishes.</summary>
internal static class ShardInitializer
{
    private const string NewDescriptorPath = ControlFolder.DescriptorPath + ".new";

    private const UnixFileMode ReadOnlyForOthers =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode FolderMode = ReadOnlyForOthers
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode KeyMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Sticky: every user's node can register, and none can remove another user's.</summary>
    private const UnixFileMode NodesMode = FolderMode | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;

    /// <summary>A byte of the signal file that nodes and migrators never lock; it keeps two calls at once apart.</summary>
    private static readonly LockRange InitLock = new(ShardDescriptor.MaxFileLockOffset, 1);

    public static void Run(IShardFileSystem shard, ShardDescriptor descriptor, ShardKey? key, uint? migratorGroup)
    {
        if (shard.Capabilities.IsReadOnly)
            throw new ReadOnlyShardException(shard.Root, "it is mounted read-only here", "Make the shard from a node that may write");
        if (!shard.Capabilities.KeepsPermissionBits && (key is not null || migratorGroup is not null))
            throw new ShardNotSupportedException(shard.Root, "files have no permission bits here, by which the library keeps a key from others and lets a group migrate",
                $"Make the shard without a key and a group, and say by the access control lists of '{ControlFolder.Name}' who may write the signal file");
        try
        {
            RefuseExisting(shard);
            shard.CreateDirectory(ControlFolder.Name, FolderMode);
            using IShardFile signal = MakeEmpty(shard, ControlFolder.SignalPath, migratorGroup);
            // Where locks fail, so will everything later; that is for doctor to say and not for this.
            if (signal.TryLock(InitLock, LockKind.Exclusive).Status == LockStatus.Denied)
            {
                throw new HsmAlreadyExistsException(shard.Root, "another process is making it a shard at this moment",
                    "Wait for it to end, then look with 'clusterhsm nodes'");
            }
            try
            {
                RefuseExisting(shard);
                using IShardFile quiesce = MakeEmpty(shard, ControlFolder.QuiescePath, migratorGroup);
                shard.CreateDirectory(ControlFolder.NodesPath, NodesMode);
                if (key is not null)
                    WriteKey(shard, key, migratorGroup);
                WriteDescriptor(shard, ShardDescriptorJson.Write(descriptor with
                {
                    SignalChanged = signal.GetInfo().Changed,
                    QuiesceChanged = quiesce.GetInfo().Changed,
                }));
            }
            finally
            {
                signal.Unlock(InitLock);
            }
        }
        catch (ShardIOException failure)
        {
            throw ShardErrors.Translate(shard, failure, ControlFolder.Name, "write permission on the root is needed to make it a shard");
        }
    }

    private static void RefuseExisting(IShardFileSystem shard)
    {
        if (shard.GetInfo(ControlFolder.DescriptorPath) is not null)
        {
            throw new HsmAlreadyExistsException(shard.Root, $"it is a shard already: it has {ControlFolder.DescriptorPath}",
                "Use it as it is, or choose another directory");
        }
    }

    /// <summary>A node reads signal and quiesce; whoever may write them is a migrator: the owner, and a group only if one was named.</summary>
    private static IShardFile MakeEmpty(IShardFileSystem shard, string path, uint? migratorGroup)
    {
        IShardFile file = shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, ReadOnlyForOthers);
        // Not left to the umask: a node that cannot read them is never relaxed.
        SetAccess(shard, file, ReadOnlyForOthers, UnixFileMode.GroupWrite, migratorGroup);
        file.Flush();
        return file;
    }

    /// <summary>Who may migrate may read the key, and nobody else.</summary>
    private static void WriteKey(IShardFileSystem shard, ShardKey key, uint? migratorGroup)
    {
        // What a call that was cut off has left may be open somewhere: a new inode, which is not.
        shard.Delete(ControlFolder.KeyPath);
        using IShardFile file = shard.Open(ControlFolder.KeyPath,
            ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, KeyMode);
        SetAccess(shard, file, KeyMode, UnixFileMode.GroupRead, migratorGroup);
        file.Write(key.ToText(), 0);
        file.Flush();
    }

    private static void SetAccess(IShardFileSystem shard, IShardFile file, UnixFileMode mode, UnixFileMode ofGroup, uint? migratorGroup)
    {
        if (!shard.Capabilities.KeepsPermissionBits)
            return; // an access control list says who may, which the folder hands down
        ShardFileInfo info = file.GetInfo();
        UnixFileMode wanted = migratorGroup is null ? mode : mode | ofGroup;
        if (info.Mode != wanted || info.GroupId != (migratorGroup ?? info.GroupId))
            file.SetOwnership(wanted, info.UserId, migratorGroup ?? info.GroupId);
    }

    /// <summary>
    /// A control folder that was there before is taken over only from a call of the same user that was cut off: another's would stay
    /// his to rename and replace.
    /// </summary>
    private static void RefuseOthersFolder(IShardFileSystem shard, uint ourselves)
    {
        foreach (string path in (ReadOnlySpan<string>)[ControlFolder.Name, ControlFolder.NodesPath, ControlFolder.SignalPath, ControlFolder.QuiescePath])
        {
            if (shard.GetInfo(path) is { } info && info.UserId != ourselves)
            {
                throw new HsmAlreadyExistsException(ShardErrors.Full(shard, path), $"it is there already and belongs to the user {info.UserId}, who could replace it",
                    $"Look what it is, remove {ControlFolder.Name} if it is of no use, and try again");
            }
        }
    }

    private static void WriteDescriptor(IShardFileSystem shard, byte[] text)
    {
        shard.Delete(NewDescriptorPath);
        using (IShardFile file = shard.Open(NewDescriptorPath, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, ReadOnlyForOthers))
        {
            SetAccess(shard, file, ReadOnlyForOthers, default, null);
            RefuseOthersFolder(shard, file.GetInfo().UserId);
            file.Write(text, 0);
            file.Flush();
        }
        // The names of signal, quiesce and nodes are durable before the descriptor's is.
        shard.FlushDirectory(ControlFolder.Name);
        shard.FlushDirectory("");
        shard.Rename(NewDescriptorPath, ControlFolder.DescriptorPath);
        shard.FlushDirectory(ControlFolder.Name);
    }
}
