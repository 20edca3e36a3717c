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

    /// <summary>A node reads signal and quiesce; whoever may write them is a migrator.</summary>
    private const UnixFileMode SignalMode = ReadOnlyForOthers | UnixFileMode.GroupWrite;

    /// <summary>Sticky: every user's node can register, and none can remove another user's.</summary>
    private const UnixFileMode NodesMode = FolderMode | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;

    /// <summary>A byte of the signal file that nodes and migrators never lock; it keeps two calls at once apart.</summary>
    private static readonly LockRange InitLock = new(ShardDescriptor.MaxFileLockOffset, 1);

    public static void Run(IShardFileSystem shard, byte[] descriptor, ShardKey? key)
    {
        if (shard.Capabilities.IsReadOnly)
            throw new ReadOnlyShardException(shard.Root, "it is mounted read-only here", "Make the shard from a node that may write");
        try
        {
            RefuseExisting(shard);
            shard.CreateDirectory(ControlFolder.Name, FolderMode);
            using IShardFile signal = MakeEmpty(shard, ControlFolder.SignalPath);
            // Where locks fail, so will everything later; that is for doctor to say and not for this.
            if (signal.TryLock(InitLock, LockKind.Exclusive).Status == LockStatus.Denied)
            {
                throw new HsmAlreadyExistsException(shard.Root, "another process is making it a shard at this moment",
                    "Wait for it to end, then look with 'clusterhsm nodes'");
            }
            try
            {
                RefuseExisting(shard);
                MakeEmpty(shard, ControlFolder.QuiescePath).Dispose();
                shard.CreateDirectory(ControlFolder.NodesPath, NodesMode);
                if (key is not null)
                    ShardKeyFile.Write(shard, key);
                WriteDescriptor(shard, descriptor);
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

    private static IShardFile MakeEmpty(IShardFileSystem shard, string path)
    {
        IShardFile file = shard.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, SignalMode);
        file.Flush();
        return file;
    }

    private static void WriteDescriptor(IShardFileSystem shard, byte[] text)
    {
        using (IShardFile file = shard.Open(NewDescriptorPath, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, ReadOnlyForOthers))
        {
            file.SetLength(0);
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
