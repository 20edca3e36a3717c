using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The key's file in the control folder: on the shard, so that every node has it, and readable by those who migrate and recall.</summary>
internal static class ShardKeyFile
{
    /// <summary>Reads the key of a shard that has one.</summary>
    /// <returns>The key, or null and why this process cannot have it.</returns>
    /// <exception cref="InvalidShardException">What is there is not the shard's key.</exception>
    public static ShardKey? Read(IShardFileSystem shard, Guid id, out HsmException? whyNot)
    {
        string path = ShardErrors.Full(shard, ControlFolder.KeyPath);
        whyNot = null;
        ShardKey? key;
        try
        {
            using IShardFile file = shard.Open(ControlFolder.KeyPath, ShardOpenOptions.Read);
            key = ShardKey.Parse(SmallFile.Read(file, ShardKey.TextLength));
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.AccessDenied)
        {
            whyNot = new HsmAccessDeniedException(path, "the shard's records are signed, and this user may not read the key that signs them",
                "Have it done by a user who may: its owner or a member of its group", failure);
            return null;
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.NotFound)
        {
            whyNot = new InvalidShardException(path, "the shard's key is missing", "Restore it from a backup, with its permissions", failure);
            return null;
        }
        catch (ShardIOException failure)
        {
            throw ShardErrors.Translate(shard, failure, ControlFolder.KeyPath, "read permission is needed to read the shard's key");
        }
        return key?.Id == id ? key : throw new InvalidShardException(path,
            key is null ? "it is not a key" : "it is not the key that the shard was made with", "Restore it from a backup");
    }
}
